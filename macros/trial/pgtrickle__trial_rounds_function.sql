{#- pg_temp.dbt_pgtrickle_trial_rounds(described jsonb): the systematic changes of a trial, what finds most first (trial.md).
    described: from dbt_pgtrickle_trial_fill. Gives (words, statements, counted): the statements of one round; in each, {n} stands for the
    number of rows that it may change; counted: of what groups or counts, it shows more than the others do. -#}
{% macro pgtrickle__trial_rounds_function() -%}
  {%- set body -%}
with relations as (
  select ordinality as place, value as relation, value ->> 'name' as name, value ->> 'target' as target, value ->> 'kept' as kept,
    value ->> 'insertable' as insertable, value -> 'keys' -> 0 as key,
    value ->> 'settle' as afterwards,
    (select string_agg(format('o.%1$I = t.%1$I', name), ' and ') from jsonb_array_elements_text(value -> 'keys' -> 0) as name) as same_key,
    coalesce((select string_agg(format('%I', name), ', ') from jsonb_array_elements_text(value -> 'keys' -> 0) as name), 'ctid') as in_order
  from jsonb_array_elements(described -> 'relations') with ordinality
  where value ->> 'target' is not null
),
columns as (
  select relations.*, c.ordinality as number, c.value as col, quote_ident(c.value ->> 'name') as column_,
    (c.value ->> 'nullable')::boolean as nullable,
    coalesce(key ? (c.value ->> 'name'), false) as keyed,
    (c.value ->> 'linked')::boolean as linked,
    -- those that are only passed on are alike: one by one where one may be overlooked, else together
    case when (c.value ->> 'passed_on')::boolean then 0 else c.ordinality end as together,
    array(select jsonb_array_elements_text(c.value -> 'pool')) as pool,
    row_number() over (partition by place order by c.ordinality) as turn
  from relations cross join jsonb_array_elements(relation -> 'columns') with ordinality as c
  where c.value ->> 'generated' is null and ((c.value ->> 'used')::boolean or coalesce(key ? (c.value ->> 'name'), false))
),
-- rows again under new keys; those of the second kind join each other
copies as (
  select place, afterwards, start,
    format('insert into %s (%s) select %s from (select *, row_number() over () as dbt_pgtrickle_n from (select * from %s order by ctid '
    'limit 3) as first) as copied where dbt_pgtrickle_n <= {n} on conflict do nothing',
    target, insertable, (
      select string_agg(case
        when coalesce(key ? (value ->> 'name'), false) or (start > 200 and (value ->> 'linked')::boolean)
        then format('coalesce((array[%L, %L, %L])[dbt_pgtrickle_n]::%s, %I)',
          pg_temp.dbt_pgtrickle_trial_fresh(value, start + 1), pg_temp.dbt_pgtrickle_trial_fresh(value, start + 2),
          pg_temp.dbt_pgtrickle_trial_fresh(value, start + 3), value ->> 'type', value ->> 'name')
        else quote_ident(value ->> 'name') end, ', ' order by ordinality)
      from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null),
    target) as statement
  from relations cross join (values (100), (200), (400)) as starts (start)
),
-- the same rows more than once between two refreshes
twice as (
  select place, number, together, name, column_, afterwards, array[
    format('update %1$s as t set %2$s = o.other from (select ctid as at, %4$s as other, row_number() over (order by %3$s) as n from %1$s) '
      'as o
      where t.ctid = o.at and o.n <= least({n}, 3)', target, column_, in_order, other),
    format('delete from %1$s where ctid in (select ctid from %1$s order by %2$s offset 1 limit 1)', target, in_order),
    format('update %1$s as t set %2$s = o.other from (select ctid as at, %4$s as other, row_number() over (order by %3$s) as n from %1$s) '
      'as o
      where t.ctid = o.at and o.n = 2', target, column_, in_order, other)] as statements
  from columns
  cross join lateral (select format(case when nullable then 'lead(%1$s) over (order by %2$s)'
    else 'coalesce(lead(%1$s) over (order by %2$s), %1$s)' end, column_, in_order) as other) as next
  where not keyed
),
put_back as (
  select place, name, afterwards, array[format('delete from %s', target),
    format('insert into %1$s (%2$s) select %2$s from %3$s limit {n} on conflict do nothing', target, insertable, kept)] as statements
  from relations
),
-- back to what was put there
restored as (
  select place, number, target,
    format('update %1$s as t set %2$s = o.%2$s from %3$s as o where %4$s and o.%2$s::text is distinct from t.%2$s::text',
    target, column_, kept, same_key) as statement
  from columns where same_key is not null and not keyed
),
-- every row of a column to something else: NULL, another value
swept as (
  select place, number, turn, together, name, target, column_, nullable, linked, afterwards,
    case when nullable then format('update %1$s set %2$s = null where ctid in (select ctid from %1$s where %2$s is not null order by ctid '
      'limit {n})', target, column_) end as emptied,
    case when nullable then format('update %1$s set %2$s = null where ctid in (select ctid from %1$s where %2$s::text = (
      select %2$s::text from %1$s where %2$s is not null group by 1 order by count(*) desc, 1 limit 1) order by ctid limit {n})', target,
        column_) end as thinned,
    case when cardinality(pool) > 1 and not linked then format('update %1$s as t set %2$s = (%3$L::text[])[1 + o.n %% %4$s]::%5$s from (
      select ctid as at, row_number() over (order by ctid) as n from %1$s limit {n}) as o where t.ctid = o.at', target, column_, pool,
        cardinality(pool), col ->> 'type') end as varied,
    format('update %1$s as t set %2$s = o.other from (select ctid as at, lead(%2$s) over (order by ctid) as other, row_number() over '
      '(order by ctid) as n
      from %1$s) as o where t.ctid = o.at and o.n %% 3 = 0 and o.n <= 3 * {n} %3$s', target, column_, case when nullable then ''
        else 'and o.other is not null' end) as shifted,
    format('update %1$s as t set %2$s = o.other from (select ctid as at, lead(%2$s) over (order by ctid) as other, row_number() over '
      '(order by ctid) as n
      from %1$s) as o where t.ctid = o.at and o.n <= {n} %3$s', target, column_, case when nullable then ''
        else 'and o.other is not null' end) as rotated,
    case when col ->> 'category' in ('N', 'D', 'T', 'B') and not linked and cardinality(pool) > 0
      then format('update %1$s set %2$s = %3$L where ctid in (select ctid from %1$s order by ctid limit {n})', target, column_,
        pool[1]) end as levelled,
    format('update %1$s set %2$s = null where ctid in (select ctid from (select ctid, row_number() over (order by ctid) as n from %1$s) '
      'as o where n %% 3 <> 0 limit {n})', target, column_) as halved
  from columns where not keyed
),
-- what the result isn't made of, such as the time of the last change: all of it at once
left_out as (
  select place, afterwards, format('update %1$s as t set %2$s from (select ctid as dbt_pgtrickle_at, row_number() over (order by ctid) as '
    'dbt_pgtrickle_n, %3$s from %1$s) as o where t.ctid = o.dbt_pgtrickle_at and o.dbt_pgtrickle_n <= {n}', target,
    string_agg(format('%1$I = coalesce(o.%1$I, t.%1$I)', value ->> 'name'), ', '),
    string_agg(format('lead(%1$I) over (order by ctid) as %1$I', value ->> 'name'), ', ')) as statement
  from relations cross join jsonb_array_elements(relation -> 'columns')
  where value ->> 'generated' is null and not (value ->> 'used')::boolean and not coalesce(key ? (value ->> 'name'), false)
  group by place, afterwards, target
),
sets as (
  select place, min(number) as number, name, afterwards, string_agg(column_, ', ' order by number) as columns,
    row_number() over (partition by place order by min(number)) as turn, count(*) over (partition by place) as width,
    array_agg(rotated order by number) as rotated, array_agg(varied order by number) as varied,
    array_agg(thinned order by number) as thinned, array_agg(levelled order by number) filter (where levelled is not null) as levelled,
    array_agg(halved order by number) filter (where nullable and levelled is not null) as halved,
    array_agg(varied order by number) filter (where levelled is not null) as varied_again
  from swept group by place, name, afterwards, together
),
-- what changes in each table while rows of another come and go: a column that joins nothing, then one that does
beside as (
  select distinct on (pass, place) pass, place, rotated from swept cross join generate_series(0, 1) as pass
  order by pass, place, (linked = (pass = 1)) desc, turn
),
rounds (step, place, turn, words, statements) as (
  select 1, 0, 0, 'new rows in every table', array_agg(statement order by place) || array_agg(distinct afterwards) from copies
    where start = 100
  union all
  -- the first of some and the last of others: what else is there of these comes up
  select 1.5, 0, 0, 'rows are deleted that others are like but for the key', array_agg(format('delete from %1$s where ctid in ('
    '(select ctid from %1$s order by ctid limit least({n}, 1)) union all '
    '(select ctid from %1$s order by ctid desc offset 1 limit least({n}, 1)))', target) order by place)
    || array_agg(distinct afterwards) from relations
  union all
  select 2, 0, 0, 'new rows that join each other in every table', array_agg(statement order by place) || array_agg(distinct afterwards)
    from copies
  where start = 200 and not (described ->> 'single')::boolean
  union all
  select 4, s.place, s.turn, format('%s of %s becomes NULL', s.column_, s.name), array[p.statement, s.emptied, s.afterwards]
  from swept s left join lateral (select statement from restored p where p.place = s.place and p.number < s.number
    order by number desc limit 1) as p on true
  where s.emptied is not null
  union all
  select 4.5, s.place, s.turn, format('%s of %s gets its values back', s.column_, s.name), array[statement, s.afterwards]
  from swept s join restored using (place, number)
  where s.emptied is not null and not exists (select from swept l where l.place = s.place and l.number > s.number and l.emptied is not null)
  union all
  select 5, place, min(number), format('%s of %s changes, then some of these rows again, and one of them is deleted',
    string_agg(distinct column_, ', '), name), array_agg(statement order by part, number) || afterwards
  from twice cross join unnest(statements) with ordinality as parts (statement, part) group by place, together, name, afterwards
  union all
  select 2.5, 0, 0, 'all rows are deleted and put back', array_agg(statement order by place, part)
    || (select array_agg(distinct afterwards) from relations)
  from put_back cross join unnest(statements) with ordinality as parts (statement, part)
  where not (described ->> 'single')::boolean
  union all
  -- what joins changes on both sides
  select 3, 0, pass, 'in every table a column takes the next row''s value', array_agg(one order by s.place, part)
    || array_agg(distinct s.afterwards)
  from (select max(turn) as most from sets) as all_of_them
  cross join generate_series(1, 2 * most) as pass
  join sets as s on s.turn = 1 + (pass + s.place * (pass / width)) % width
  cross join unnest(s.rotated) with ordinality as parts (one, part)
  where (select count(*) from relations) > 1
  group by pass
  union all
  select 3.5, place, 2 * pass + part, format('rows of %s %s while the other tables change', name, said), array[statement]
    || (select array_agg(b.rotated order by b.place) from beside b where b.pass = passes.pass and b.place <> relations.place)
    || (select array_agg(distinct afterwards) from relations)
  from relations cross join generate_series(0, 1) as passes (pass)
  cross join lateral (values
    (0, 'are deleted', format('delete from %1$s where ctid in (select ctid from %1$s order by ctid limit least({n}, (select 1 + count(*) '
      '/ 3 from %1$s)))', target)),
    (1, 'come back', case when key is not null then format('insert into %1$s (%2$s) select %2$s from %3$s limit {n} on conflict do nothing',
      target, insertable, kept) end)
  ) as parts (part, said, statement)
  where statement is not null and (select count(*) from relations) > 1
  union all
  select 8, 0, 0, 'a third of the rows is deleted',
    array_agg(format('delete from %1$s where ctid in (select ctid from %1$s order by ctid limit least({n}, (select 1 + count(*) / 3 from '
    '%1$s)))', target) order by place) || array_agg(distinct afterwards) from relations
  union all
  select 8.5, 0, 0, 'columns that the query leaves out take the next row''s value', array_agg(statement order by place)
    || array_agg(distinct afterwards) from left_out
  union all
  select 9, s.place, s.turn, format('%s of %s takes the next row''s value in each third row', s.column_, s.name),
    array[s.shifted, s.afterwards] from swept s
  union all
  select 10, place, number, format('%s of %s takes other values', columns, name), varied || afterwards from sets
  where array_remove(varied, null) <> '{}'
  union all
  select 10, place, number, format('%s of %s becomes NULL where it has its most common value', columns, name), thinned || afterwards
  from sets where array_remove(thinned, null) <> '{}'
  union all
  -- a NULL is an element of an array
  select 10.5, s.place, 2 * s.turn + part, format('rows of %s whose %s is NULL %s', s.name, s.column_, said), array[statement, s.afterwards]
  from swept s
  cross join lateral (values
    (0, 'come in', format('update %1$s set %2$s = null where ctid in (select ctid from %1$s order by ctid limit least({n}, 4))',
      s.target, s.column_)),
    (1, 'are deleted', format('delete from %1$s where ctid in (select ctid from %1$s where %2$s is null order by ctid limit least({n}, 2))',
      s.target, s.column_))
  ) as parts (part, said, statement)
  where s.emptied is not null and (described ->> 'collects')::boolean
  union all
  select 11, 0, 0, 'all rows are deleted and put back', array_agg(statement order by place, part)
    || (select array_agg(distinct afterwards) from relations)
  from put_back cross join unnest(statements) with ordinality as parts (statement, part)
  union all
  -- what leaves the result as it is may still have to be counted
  select 12, place, 10 * number, format('%s of %s takes one value in every row', columns, name), levelled || afterwards from sets
  where levelled is not null
  union all
  select 12, place, 10 * number + 1, format('%s of %s becomes NULL in two rows of three', columns, name), halved || afterwards from sets
  where halved is not null
  union all
  select 12, place, 10 * number + 2, format('some rows of %s are deleted', name),
    array[format('delete from %1$s where ctid in (select ctid from %1$s order by ctid limit least({n}, 2))', target), sets.afterwards]
  from sets join relations using (place, name) where levelled is not null
  union all
  select 12, place, 10 * number + 3, format('%s of %s takes other values', columns, name), varied_again || afterwards from sets
  where array_remove(varied_again, null) <> '{}'
  union all
  select 13, place, number, format('%s of %s changes, which is its key', column_, name),
    array[format('update %1$s as t set %2$s = (array[%3$L, %4$L])[o.n]::%5$s from (
    select ctid as at, row_number() over (order by ctid) as n from %1$s) as o where t.ctid = o.at and o.n <= 2 and o.n <= {n}', target,
      column_,
    pg_temp.dbt_pgtrickle_trial_fresh(col, 301), pg_temp.dbt_pgtrickle_trial_fresh(col, 302), col ->> 'type'), afterwards]
  from columns where keyed and pg_temp.dbt_pgtrickle_trial_fresh(col, 301) is not null
  union all
  select 14, place, 0, format('all rows of %s are deleted', name),
    array[format('delete from %1$s where ctid in (select ctid from %1$s limit {n})', target), afterwards] from relations
  union all
  select 14, place, 1, format('the rows of %s come back', name),
    array[format('insert into %1$s (%2$s) select %2$s from %3$s limit {n} on conflict do nothing', target, insertable, kept), afterwards]
    from relations
  union all
  -- as a loader does: 0.67.0 then takes all rows of the result away
  select 14.5, place, part, format('%s is truncated%s', name, said), array_append(statements, afterwards)
  from relations
  cross join lateral (select array[
    -- it is captured with the position up to which the log is written, which a transaction is ahead of
    $$select pg_logical_emit_message(false, 'dbt_pgtrickle', '', true)$$, format('truncate %s', target)] as truncated) as emptying
  cross join lateral (values
    (0, '', truncated),
    (1, ' and loaded anew', array_append(truncated, format(
      'insert into %1$s (%2$s) select %2$s from %3$s limit {n} on conflict do nothing', target, insertable, kept)))
  ) as parts (part, said, statements)
  where target = relation ->> 'copy'
  union all
  select 15, 0, 0, 'new rows and deleted ones in every table',
    array_agg(format('delete from %1$s where ctid in (select ctid from %1$s order by ctid desc limit least({n}, 2))', target))
    || (select array_agg(statement) from copies where start = 400) || array_agg(distinct afterwards) from relations
  union all
  select 16, place, 0, format('a row of %s comes twice', name),
    array[format('insert into %1$s (%2$s) select %2$s from %1$s order by ctid limit least({n}, 2)', target, insertable), afterwards]
  from relations where key is null and not (relation ->> 'stream_table')::boolean
  union all
  select 17, place, 0, format('one of two equal rows of %s goes', name),
    array[format('delete from %1$s where ctid in (select max(ctid) from %1$s as t group by t::text having count(*) > 1 limit least({n}, '
    '1))', target), afterwards]
  from relations where key is null and not (relation ->> 'stream_table')::boolean
)
select words, array_remove(statements, null), step = 12 from rounds where array_remove(statements, null) <> '{}'
order by step, case when step = 4 then turn end, place, turn
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_rounds(described jsonb)', 'table (words text, statements text[], counted boolean)',
    'sql', body) }}
{%- endmacro %}
