{#- pg_temp.dbt_pgtrickle_conditions(canonical text, scans jsonb): the filters of the views that a query reads, for its WHERE.
    canonical, scans: of dbt_pgtrickle_canonical. Gives (place: the token that it comes before, null for the end,
    spelt: WHERE and conditions, or, where there is a WHERE, what to write in its place). Pure. -#}
{% macro pgtrickle__conditions_function() -%}
  {%- set body -%}
with tokens as materialized (
  select * from pg_temp.dbt_pgtrickle_tokens(canonical)
),
filters as (
  select
    scope, min(place) as place,
    string_agg(pg_temp.dbt_pgtrickle_qualified(scan ->> 'filter', scan ->> 'alias', case when not alone then alias end), ' AND ' order by place) as spelt
  from pg_temp.dbt_pgtrickle_uses(canonical, scans)
  where scan ->> 'filter' is not null and not whole
  group by scope
)
select ending.place, case when ending.token = 'WHERE' then 'WHERE ' || spelt || ' AND' else ' WHERE ' || spelt || ' ' || coalesce(ending.token, '') end
from filters
cross join lateral (
  select max(start.place) as place, min(start.depth) as depth
  from tokens start
  where start.place < filters.place and start.scope = filters.scope and start.clause = 'from' and start.token = 'FROM'
) as opening
left join lateral (
  select place, token from tokens
  where tokens.place > opening.place and (depth < opening.depth or depth = opening.depth and clause <> 'from')
  order by place limit 1
) as ending on true
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_conditions(canonical text, scans jsonb)
returns table (place bigint, spelt text)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
