{#- A yes or no that somebody gave to an operation, as a boolean. Fails where it is neither: any other text would count as yes. -#}
{% macro pgtrickle__switch(name, value) %}
  {%- if value is not sameas true and value is not sameas false -%}
    {%- do exceptions.raise_compiler_error(
      name ~ ' is ' ~ tojson(value) ~ ', which is neither true nor false.\n  Write it as: ' ~ name ~ ': true') -%}
  {%- endif -%}
  {% do return(value) %}
{% endmacro %}
