{#- Whether pg_trickle 0.67.0 mistakes another column for the primary key in a query that only takes columns and rows of
    one table, maybe through views: it takes the key's place in the table for its place in the select list, and then
    keeps rows that were changed or deleted, without a sign (measured: every order of every subset of three columns).
    Gives one row, (subject, key), if so.

    relid: SQL expression, the view that has the query; what PostgreSQL wrote down of it is read, not its text. -#}
{% macro pgtrickle__misplaced_key(relid) -%}
with recursive
down as (
  select 0 as depth, {{ relid }}::oid as view_relid
  union all
  select depth + 1, (regexp_match(ev_action::text, ':rtekind 0 :relid ([0-9]+)'))[1]::oid
  from down
  join pg_catalog.pg_rewrite on ev_class = view_relid
  where ev_action::text like '%:hasAggs false :hasWindowFuncs false :hasTargetSRFs false :hasSubLinks false :hasDistinctOn false%'
    and ev_action::text like '%:cteList <>%' and ev_action::text like '%:groupClause <>%'
    and ev_action::text like '%:distinctClause <>%' and ev_action::text like '%:setOperations <>%'
    and ev_action::text like '%:limitCount <>%' and regexp_count(ev_action::text, '{RANGETBLENTRY') = 1
),
source as (
  select down.depth, relation.oid, index.indkey::int2[]::int[] as key
  from down
  join pg_catalog.pg_class relation on relation.oid = down.view_relid and relation.relkind in ('r', 'p')
  join pg_catalog.pg_index index on index.indrelid = relation.oid and index.indisprimary
),
queries as (
  select
    down.depth,
    array(
      select item[1]::int
      from regexp_matches(ev_action::text, ':resorigcol ([0-9]+) :resjunk false', 'g') with ordinality as found (item, place)
      order by place
    ) as items,
    case when down.depth + 1 = (select depth from source)
      then array(
        select bit::int - 7
        from unnest(string_to_array((regexp_match(ev_action::text, ':selectedCols \(b ([0-9 ]+)\)'))[1], ' ')) as bit
        order by bit::int)
      else array(
        select attnum::int from pg_catalog.pg_attribute, down as child
        where child.depth = down.depth + 1 and attrelid = child.view_relid and attnum > 0 order by attnum)
    end as offered
  from down
  join pg_catalog.pg_rewrite on ev_class = view_relid
),
up as (
  select depth, key from source
  union all
  select queries.depth, array(
    select case
      when cardinality(items) <> cardinality(offered) then array_position(items, column_number)
      when items[array_position(offered, column_number)] = column_number then array_position(offered, column_number)
    end
    from unnest(up.key) as column_number
  )
  from up
  join queries on queries.depth = up.depth - 1
  where array_position(up.key, null) is null
)
select
  oid::regclass::text as subject,
  (
    select string_agg(attname, ', ' order by place)
    from unnest(source.key) with ordinality as found (number, place)
    join pg_catalog.pg_attribute on attrelid = oid and attnum = number
  ) as key
from source
where exists (select from up where array_position(up.key, null) is not null)
{%- endmacro %}
