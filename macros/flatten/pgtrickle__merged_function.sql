{#- pg_temp.dbt_pgtrickle_merged(canonical text, scans jsonb): the query over the tables themselves: each column in the place of
    what a view calls it, each view's filter in WHERE; a view stays a subquery where anything else would
    mean something else. canonical, scans: of dbt_pgtrickle_canonical. -#}
{% macro pgtrickle__merged_function() -%}
  {%- set body -%}
with tokens as materialized (
  select * from pg_temp.dbt_pgtrickle_tokens(canonical)
),
uses as materialized (
  select * from pg_temp.dbt_pgtrickle_uses(canonical, scans)
),
edits as (
  select place as first, place as last, case when whole then '(' || pg_temp.dbt_pgtrickle_select(scan) || ')'
    else scan ->> 'table' end as spelt from uses
  union all
  select listed_from, listed_to, '' from uses where listed_from is not null
  union all
  select
    t.place, t.place,
    pg_temp.dbt_pgtrickle_column(known.scan, array_position(known.names, t.parts[2]), case when known.whole or known.scope <> t.scope
      or not known.alone then known.alias end, known.whole)
    -- a column of USING has its name in the result from there
    || case when t.clause = 'select' and t.before in ('select', ',') and t.after in (',', 'from')
      and t.depth = (select min(depth) from tokens level where level.scope = t.scope)
      then ' AS ' || quote_ident(t.parts[2]) else '' end
  from tokens t
  cross join lateral (
    select * from uses
    where uses.alias = t.parts[1] and t.parts[2] = any (uses.names)
    order by uses.scope <> t.scope
    limit 1
  ) as known
  where cardinality(t.parts) = 2 and not t.relation
),
changed as (
  select
    place,
    coalesce(conditions.spelt, case when place = edits.first then edits.spelt when edits.first is null then token else '' end) as spelt
  from tokens
  left join edits on place between edits.first and edits.last
  left join pg_temp.dbt_pgtrickle_conditions(canonical, scans) as conditions using (place)
)
-- what PostgreSQL called something else is called what it was
select regexp_replace(string_agg(spelt, '' order by place), '\m(\w+) AS \1\M', '\1', 'g')
  || coalesce((select spelt from pg_temp.dbt_pgtrickle_conditions(canonical, scans) where place is null), '')
from changed
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_merged(canonical text, scans jsonb)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
