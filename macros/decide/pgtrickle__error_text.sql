{#- The message out of the extension's error text, which may be a dump of its internal error record. -#}
{% macro pgtrickle__error_text(text) %}
  {% set found = modules.re.search('message: "((?:[^"\\\\]|\\\\.)*)"', text or '') %}
  {% do return((found.group(1).replace('\\"', '"') if found else text or '').strip()) %}
{% endmacro %}
