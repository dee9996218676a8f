{#- pg_temp.dbt_pgtrickle_with(query text): a query's own CTEs, taken apart.
    Gives (names, bodies, main: what follows them); all of it is main where they are recursive or have lists of columns.
    pg_temp.dbt_pgtrickle_ctes(names text[], bodies text[]): put together again, up to main. -#}
{% macro pgtrickle__with_function() -%}
  {%- set body -%}
with tokens as (
  select * from pg_temp.dbt_pgtrickle_tokens(query)
),
marks as (
  select
    array_agg(parts[1] order by place) filter (where before in ('with', ',') and cardinality(parts) = 1 and after = 'as') as names,
    array_agg(place order by place) filter (where token = '(') as opened,
    array_agg(place order by place) filter (where token = ')') as closed,
    max(place) as last
  from tokens
  where depth = 0 and clause = 'with' and not blank
),
usual as (
  select * from marks where cardinality(names) = cardinality(opened) and closed[cardinality(closed)] = last
)
select
  coalesce((select names from usual), '{}'),
  array(
    select string_agg(token, '' order by place)
    from usual, unnest(opened, closed) with ordinality as cte (first, last, number), tokens
    where place > cte.first and place < cte.last
    group by number
    order by number
  ),
  coalesce((select string_agg(token, '' order by place) from usual, tokens where place > usual.last), query)
  {%- endset -%}
  {%- set ctes -%}
select coalesce('with ' || string_agg(format('%I as (%s)', name, body), ', ' order by number) || ' ', '')
from unnest(names, bodies) with ordinality as cte (name, body, number)
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_with(query text, out names text[], out bodies text[], out main text)
language sql as {{ pgtrickle__literal(body) }};
create or replace function pg_temp.dbt_pgtrickle_ctes(names text[], bodies text[])
returns text
language sql as {{ pgtrickle__literal(ctes) }};
{%- endmacro %}
