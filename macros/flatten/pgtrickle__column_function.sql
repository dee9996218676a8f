{#- pg_temp.dbt_pgtrickle_column(scan jsonb, number int, alias text, whole boolean): one column of a scan as another query names
    it, by the alias under which that reads it, none where alias is null. whole: the scan is a subquery there. -#}
{% macro pgtrickle__column_function() -%}
  {%- set body -%}
select case
  when whole then quote_ident(alias) || '.' || quote_ident(item ->> 'name')
  when item ->> 'number' is null then '(' || expression || ')'
  else expression
end
from (values (scan -> 'columns' -> number - 1)) as listed (item),
  lateral (select pg_temp.dbt_pgtrickle_qualified(item ->> 'expression', scan ->> 'alias', alias) as expression) as spelt
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_column(scan jsonb, number int, alias text, whole boolean)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
