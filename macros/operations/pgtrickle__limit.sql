{#- A limit in seconds that somebody gave, as an SQL literal; null where none is given. Fails where it is no number. -#}
{% macro pgtrickle__limit(name, value) %}
  {%- if value is not none and not modules.re.fullmatch('[0-9]+([.][0-9]+)?', value | string) -%}
    {%- do exceptions.raise_compiler_error(
      name ~ ' is ' ~ tojson(value) ~ ", which is no number of seconds.\n  Write it as: " ~ name ~ ': 600') -%}
  {%- endif -%}
  {% do return(pgtrickle__literal(value)) %}
{% endmacro %}
