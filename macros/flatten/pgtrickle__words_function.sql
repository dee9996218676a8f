{#- pg_temp.dbt_pgtrickle_words(relation regclass): a view's query in PostgreSQL's own words, every name with its schema. -#}
{% macro pgtrickle__words_function() -%}
create or replace function pg_temp.dbt_pgtrickle_words(relation regclass)
returns text
language sql
{{ pgtrickle__fixed_output() }}
as {{ pgtrickle__literal("select rtrim(pg_get_viewdef(relation), '; ')") }};
{%- endmacro %}
