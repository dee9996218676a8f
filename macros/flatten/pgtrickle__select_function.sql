{#- pg_temp.dbt_pgtrickle_qualified(expression text, alias text, other text): an expression of a scan's with another alias
    before its columns, none where other is null. pg_temp.dbt_pgtrickle_select(scan jsonb): what
    dbt_pgtrickle_scan gives, as a SELECT. -#}
{% macro pgtrickle__select_function() -%}
  {%- set qualified -%}
select string_agg(case
  when parts[1] = alias and cardinality(parts) = 2 and after is distinct from '(' and coalesce(before, '') not in ('.', ':')
  then coalesce(quote_ident(other) || '.', '') || quote_ident(parts[2])
  else token
end, '' order by place)
from pg_temp.dbt_pgtrickle_tokens(expression)
  {%- endset -%}
  {%- set items -%}
select 'select ' || string_agg(expression || case when expression = quote_ident(name) then '' else ' as ' || quote_ident(name) end,
  ', ' order by place)
from jsonb_array_elements(scan -> 'columns') with ordinality as listed (item, place),
  lateral (select item ->> 'name' as name, pg_temp.dbt_pgtrickle_qualified(item ->> 'expression', scan ->> 'alias',
    null) as expression) as spelt
  {%- endset -%}
  {%- set body -%}
select pg_temp.dbt_pgtrickle_items(scan) || ' from ' || (scan ->> 'table')
  || coalesce(' where ' || pg_temp.dbt_pgtrickle_qualified(scan ->> 'filter', scan ->> 'alias', null), '')
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_qualified(expression text, alias text, other text)
returns text
language sql as {{ pgtrickle__literal(qualified) }};
create or replace function pg_temp.dbt_pgtrickle_items(scan jsonb)
returns text
language sql as {{ pgtrickle__literal(items) }};
create or replace function pg_temp.dbt_pgtrickle_select(scan jsonb)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
