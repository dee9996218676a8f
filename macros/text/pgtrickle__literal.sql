{#- A value as an SQL literal: text quoted, numbers and booleans as they are, none as null.
    Relies on standard_conforming_strings = on, PostgreSQL's default since 9.1. -#}
{% macro pgtrickle__literal(value) -%}
  {%- if value is none -%} null
  {%- elif value is sameas true -%} true
  {%- elif value is sameas false -%} false
  {%- elif value is number -%} {{ value }}
  {%- else -%} '{{ value | string | replace("'", "''") }}'
  {%- endif -%}
{%- endmacro %}
