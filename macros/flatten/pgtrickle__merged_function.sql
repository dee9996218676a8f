{#- pg_temp.dbt_pgtrickle_merged(canonical text, scans jsonb): the query over the tables themselves: each column in the place of
    what the view calls it, each view's filter in WHERE. A view stays a subquery where that would mean something else:
    its filter or expressions on the nullable side of an outer join, its row as a whole.
    canonical, scans: of dbt_pgtrickle_canonical. Pure. -#}
{% macro pgtrickle__merged_function() -%}
  {%- set body -%}
with tokens as materialized (
  select * from pg_temp.dbt_pgtrickle_tokens(canonical)
),
-- where one of the views is read, and by what alias
uses as (
  select
    t.place, t.scope, alias.parts[1] as alias, t.parts[1] as view, scans -> t.parts[1] as scan,
    opening.place as from_place, opening.depth as from_depth,
    -- alone: nothing else is in this FROM
    (select count(*) from tokens other where other.scope = t.scope and other.clause = 'from' and not other.blank) = 3 as alone,
    alias.after = '(' or exists (select from tokens whole where whole.parts = array[alias.parts[1]] and whole.after = '.')
      or exists (
        select from tokens other
        where other.scope = t.scope and other.clause = 'from'
          and (lower(other.token) in ('right', 'full') or lower(other.token) = 'left' and other.place < t.place)
      ) and (scans -> t.parts[1] ->> 'filter' is not null or jsonb_path_exists(scans -> t.parts[1], '$.columns[*] ? (@.number == null)')) as stays
  from tokens t
  cross join lateral (select * from tokens next where next.place > t.place and not next.blank order by next.place limit 1) as alias
  cross join lateral (
    select * from tokens start
    where start.place < t.place and start.scope = t.scope and start.clause = 'from' and lower(start.token) = 'from'
    order by start.place desc limit 1
  ) as opening
  where t.relation and scans ? t.parts[1]
),
staying as (
  select distinct view from uses where stays
),
conditions as (
  select
    coalesce(existing.place, ending.place) as place,
    existing.place is not null as extended,
    string_agg(pg_temp.dbt_pgtrickle_qualified(scan ->> 'filter', scan ->> 'alias', case when not alone then alias end), ' AND ' order by uses.place) as condition
  from uses
  left join lateral (
    select place from tokens
    where scope = uses.scope and depth = from_depth and clause = 'where' and lower(token) = 'where' and tokens.place > uses.place
    order by place limit 1
  ) as existing on true
  left join lateral (
    select place from tokens
    where tokens.place > from_place and (depth < from_depth or depth = from_depth and clause <> 'from')
    order by place limit 1
  ) as ending on true
  where scan ->> 'filter' is not null and view not in (select view from staying)
  group by 1, 2
),
columns as (
  select
    t.place,
    case
      when view in (select view from staying) then quote_ident(qualifier) || '.' || quote_ident(item ->> 'name')
      when item ->> 'number' is null then '(' || expression || ')'
      else expression
    end as spelt
  from tokens t
  cross join lateral regexp_match(parts[cardinality(parts)], '^(__dbt_pgtrickle_[0-9]+)_([0-9]+)$') as marked
  cross join lateral (
    select marked[1] as view, parts[cardinality(parts) - 1] as qualifier, scans -> marked[1] -> 'columns' -> (marked[2]::int - 1) as item
  ) as known
  cross join lateral (
    select pg_temp.dbt_pgtrickle_qualified(
      item ->> 'expression', scans -> view ->> 'alias',
      case when not exists (select from uses where uses.alone and uses.scope = t.scope and uses.alias = qualifier) then qualifier end
    ) as expression
  ) as written
  where scans ? view
)
select string_agg(
  coalesce(
    case when extended then token || ' ' || condition || ' AND' else ' WHERE ' || condition || ' ' || token end,
    spelt,
    case
      when uses.view in (select view from staying) then '(' || pg_temp.dbt_pgtrickle_select(uses.scan) || ')'
      else uses.scan ->> 'table'
    end,
    token
  ), '' order by place
) || coalesce(' WHERE ' || (select condition from conditions where place is null), '')
from tokens
left join conditions using (place)
left join columns using (place)
left join uses using (place)
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_merged(canonical text, scans jsonb)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
