{#- pg_temp.dbt_pgtrickle_conditions(canonical text, scans jsonb): the filters of the views that a query reads: in the ON of
    their join, where they have one, for the extension loses the aliases of a WHERE of a joined CTE (0.67.0), else in WHERE.
    canonical, scans: of dbt_pgtrickle_canonical. Gives (place: a token, null for the end, spelt: what to write there, the
    token included). -#}
{% macro pgtrickle__conditions_function() -%}
  {%- set body -%}
with tokens as materialized (
  select * from pg_temp.dbt_pgtrickle_tokens(canonical)
),
filters as (
  select
    scope, home, min(place) as place,
    string_agg(pg_temp.dbt_pgtrickle_qualified(scan ->> 'filter', scan ->> 'alias', case when not alone then alias end),
      ' AND ' order by place) as spelt
  from pg_temp.dbt_pgtrickle_uses(canonical, scans)
  where scan ->> 'filter' is not null and not whole
  group by scope, home
)
select home, 'ON ' || spelt || ' AND' from filters where home is not null
union all
select ending.place, case when ending.token = 'WHERE' then 'WHERE ' || spelt || ' AND' else ' WHERE ' || spelt
  || coalesce(ending.token, '') end
from filters
cross join lateral (
  select max(place) as place, min(depth) as depth
  from tokens
  where tokens.place < filters.place and tokens.scope = filters.scope and clause = 'from' and token = 'FROM'
) as opening
left join lateral (
  select place, token from tokens
  where tokens.place > opening.place and (depth < opening.depth or depth = opening.depth and clause <> 'from')
  order by place limit 1
) as ending on true
where home is null
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_conditions(canonical text, scans jsonb)
returns table (place bigint, spelt text)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
