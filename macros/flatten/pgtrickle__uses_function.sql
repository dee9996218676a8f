{#- pg_temp.dbt_pgtrickle_uses(canonical text, scans jsonb): where a query reads temporary views, and how.
    canonical, scans: of dbt_pgtrickle_canonical. Gives (place: of its token, scope, depth, alias, alone: nothing else is in
    this FROM, view, scan, names: of its columns, number by number, as the query calls them, listed_from, listed_to: the
    tokens of the list that says so, if any, home: the ON or USING that may have its filter, whole: it has to stay a
    subquery, for its filter or expressions are on the nullable side of an outer join, or it is taken as a whole row, or a window
    is over columns that it makes or renames: 0.67.0 looks for them by both names). -#}
{% macro pgtrickle__uses_function() -%}
  {%- set body -%}
with tokens as materialized (
  select *, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(canonical) where not blank
),
found as (
  select
    t.place, t.scope, t.depth, t.parts[1] as view, alias.parts[1] as alias, alias.after = '(' as is_listed, scans -> t.parts[1] as scan,
    case when t.before = 'join' then (select before from tokens joining where joining.place < t.place
      order by place desc limit 1) end as joined
  from tokens t
  cross join lateral (select * from tokens next where next.place > t.place order by next.place limit 1) as alias
  where t.relation and scans ? t.parts[1]
),
placed as (
  select
    found.*, list.*,
    (select count(*) from tokens other where other.scope = found.scope and other.clause = 'from') = 3 as alone,
    next_on.place as on_place,
    next_on.kind in ('left', 'right', 'full') as on_outer,
    exists (
      select from tokens other
      where other.scope = found.scope and other.clause = 'from'
        and (other.word in ('right', 'full') or other.word = 'left' and (other.place < found.place and other.depth < found.depth))
    ) or joined is not distinct from 'left' as nullable,
    exists (select from tokens other where other.parts = array[found.alias] and other.after = '.') as is_row,
    exists (select from tokens other where other.scope = found.scope and other.word = 'over' and other.before = ')') as windowed
  from found
  left join lateral (
    select
      min(place) filter (where word in ('on', 'using')) as place,
      (array_agg(before order by place) filter (where word = 'join'))[1] as kind
    from tokens other
    where other.scope = found.scope and other.clause = 'from' and other.depth = found.depth and other.place > found.place
  ) as next_on on true
  left join lateral (
    select array_agg(parts[1] order by place) filter (where parts is not null) as names, min(place) - 1 as listed_from,
      max(place) + 1 as listed_to
    from tokens item
    where found.is_listed and item.place > found.place and item.depth = found.depth + 1
      and not exists (select from tokens closing where closing.token = ')' and closing.depth = found.depth
        and closing.place between found.place and item.place)
  ) as list on true
)
select
  place, scope, depth, alias, alone, view, scan,
  coalesce(names, array(select view || '_' || number from generate_series(1, jsonb_array_length(scan -> 'columns')) as number)),
  listed_from, listed_to,
  case when joined is not null and joined not in ('right', 'full', 'cross') or joined is null and on_outer is not true then on_place end,
  bool_or(
    is_row or windowed and exists (
      select from jsonb_to_recordset(scan -> 'columns') as item (name text, expression text)
      where expression not in (quote_ident(name), concat(quote_ident(scan ->> 'alias'), '.', quote_ident(name)))
    ) or nullable and (
      jsonb_path_exists(scan, '$.columns[*] ? (@.number == null)') or scan ->> 'filter' is not null and joined is distinct from 'left')
  ) over (partition by view)
from placed
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_uses(canonical text, scans jsonb)
returns table (
  place bigint, scope int, depth int, alias text, alone boolean, view text, scan jsonb,
  names text[], listed_from bigint, listed_to bigint, home bigint, whole boolean
)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
