{#- A function's SET clauses under which PostgreSQL writes a query the same in every session, every name with its schema. -#}
{% macro pgtrickle__fixed_output() -%}
set search_path = ''
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
set bytea_output = 'hex'
set extra_float_digits = 1
{%- endmacro %}
