{#- pg_temp.dbt_pgtrickle_words(relation regclass): a view's query in PostgreSQL's own words, every name with its schema. -#}
{% macro pgtrickle__words_function() -%}
create or replace function pg_temp.dbt_pgtrickle_words(relation regclass)
returns text
language sql
set search_path = ''
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
set bytea_output = 'hex'
set extra_float_digits = 1
as {{ pgtrickle__literal("select rtrim(pg_get_viewdef(relation), '; ')") }};
{%- endmacro %}
