{#- pg_temp.dbt_pgtrickle_meaning(relation regclass): what a view is to whoever reads it, as text: its columns' names, types,
    modifiers and collations, and PostgreSQL's plan. Two views with the same mean the same; no data is read. -#}
{% macro pgtrickle__meaning_function() -%}
  {%- set body -%}
select (
    select string_agg(format(E'%I %s %s\n', attname, format_type(atttypid, atttypmod), attcollation), '' order by attnum)
    from pg_attribute where attrelid = relation and attnum > 0)
  || (select plan from pg_temp.dbt_pgtrickle_plan(relation))
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_meaning(relation regclass)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
