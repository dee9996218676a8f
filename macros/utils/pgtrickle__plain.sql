{#- Text from the database as something that only shows: what would act on a terminal, such as an escape sequence in a name, is written
    out, and so are line breaks (tasklib/base/plain.py's twin). -#}
{% macro pgtrickle__plain(text) %}
  {% if pgtrickle__is_v2() %}{% do return(text) %}{% endif %}
  {% set acting = '[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]' %}
  {% if not modules.re.search(acting, text) %}{% do return(text) %}{% endif %}
  {% set shown = namespace(text=text) %}
  {% for character in modules.re.findall(acting, text) | unique %}
    {% set shown.text = shown.text.replace(character, tojson(character)[1:-1]) %}
  {% endfor %}
  {% do return(shown.text) %}
{% endmacro %}
