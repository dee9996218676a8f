{#- The statement that makes a function of ours in pg_temp, under a search_path in which nobody else's names are found first.
    signature: name and arguments; result: its type; language: sql or plpgsql; body: SQL. Pure, for dbt and the tasks alike. -#}
{% macro pgtrickle__pinned_function(signature, result, language, body) -%}
create or replace function pg_temp.{{ signature }}
returns {{ result }}
language {{ language }} set search_path = pg_catalog, pg_temp
as {{ pgtrickle__literal(body) }};
{%- endmacro %}
