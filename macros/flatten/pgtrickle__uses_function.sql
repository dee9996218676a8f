{#- pg_temp.dbt_pgtrickle_uses(canonical text, scans jsonb): where a query reads temporary views, and how.
    canonical, scans: of dbt_pgtrickle_canonical. Gives (place: of its token, scope, depth, alias, alone: nothing else is in
    this FROM, view, scan, names: of its columns, number by number, as the query calls them, listed: the last token of
    the list that says so, if any, whole: it has to stay a subquery, for its filter or expressions are on the nullable
    side of an outer join, or it is taken as a whole row). Pure. -#}
{% macro pgtrickle__uses_function() -%}
  {%- set body -%}
with tokens as materialized (
  select * from pg_temp.dbt_pgtrickle_tokens(canonical)
),
found as (
  select
    t.place, t.scope, t.depth, alias.parts[1] as alias, t.parts[1] as view, scans -> t.parts[1] as scan, list.names, list.last,
    exists (select from tokens whole_row where whole_row.parts = array[alias.parts[1]] and whole_row.after = '.') as is_row
  from tokens t
  cross join lateral (select * from tokens next where next.place > t.place and not next.blank order by next.place limit 1) as alias
  cross join lateral (
    select array_agg(item.parts[1] order by item.place) filter (where item.parts is not null) as names, max(item.place) + 1 as last
    from tokens item
    where alias.after = '(' and item.place > alias.place and item.depth = t.depth + 1
      and not exists (select from tokens closing where closing.token = ')' and closing.depth = t.depth and closing.place between alias.place and item.place)
  ) as list
  where t.relation and scans ? t.parts[1]
)
select
  place, scope, depth, alias,
  (select count(*) from tokens other where other.scope = found.scope and other.clause = 'from' and not other.blank) = 3,
  view, scan,
  coalesce(names, array(select view || '_' || number from generate_series(1, jsonb_array_length(scan -> 'columns')) as number)),
  last,
  bool_or(
    is_row
    or (scan ->> 'filter' is not null or jsonb_path_exists(scan, '$.columns[*] ? (@.number == null)'))
    and exists (
      select from tokens other
      where other.scope = found.scope and other.clause = 'from'
        and (lower(other.token) in ('right', 'full') or lower(other.token) = 'left' and other.place < found.place))
  ) over (partition by view)
from found
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_uses(canonical text, scans jsonb)
returns table (
  place bigint, scope int, depth int, alias text, alone boolean,
  view text, scan jsonb, names text[], listed bigint, whole boolean
)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
