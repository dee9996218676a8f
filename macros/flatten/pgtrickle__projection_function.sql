{#- pg_temp.dbt_pgtrickle_projection(scan jsonb): columns and rows of one table in the form in which pg_trickle 0.67.0 finds
    the table's key among them, whatever their order: taken from a subquery that has all columns in the table's order,
    and not as many as are taken (measured: every order of up to four columns, keys of one and two). -#}
{% macro pgtrickle__projection_function() -%}
  {%- set body -%}
select format(
  '%s from (select %s from %s%s) as %I',
  pg_temp.dbt_pgtrickle_items(scan),
  string_agg(quote_ident(attname), ', ' order by attnum)
    || case when count(*) = jsonb_array_length(scan -> 'columns') then ', ' || quote_ident(min(attname)) || ' as __dbt_pgtrickle_more'
      else '' end,
  scan ->> 'table',
  ' where ' || pg_temp.dbt_pgtrickle_qualified(scan ->> 'filter', scan ->> 'alias', null),
  scan ->> 'alias'
)
from pg_attribute
where attrelid = (scan ->> 'table')::regclass and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_projection(scan jsonb)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
