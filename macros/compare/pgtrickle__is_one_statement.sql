{#- Whether SQL is one statement, without a semicolon that ends one and begins another. Where that can't be told, as in a comment that nests
    deeper than pgtrickle__query_tokens reads, it isn't. -#}
{% macro pgtrickle__is_one_statement(query) %}
  {% if ';' not in query %}{% do return(true) %}{% endif %}
  {% for part in modules.re.split(pgtrickle__query_tokens(), query) %}
    {% set kind = loop.index0 % 3 %}
    {% if (kind == 1 and part == ';') or (kind == 0 and '/*' in part) %}{% do return(false) %}{% endif %}
  {% endfor %}
  {% do return(true) %}
{% endmacro %}
