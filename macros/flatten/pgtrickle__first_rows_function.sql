{#- pg_temp.dbt_pgtrickle_first_rows(query text): a query in PostgreSQL's own words with a join of the first keys of groups in the place of
    row_number() by which it takes the first row of each (`where row_number = 1`), which pg_trickle 0.67.0 loses where that number isn't
    selected. The same where that is of one table whose primary key is among what it orders and partitions by, so that no two rows
    stand together. Null where there is none. (NOT EXISTS a row that comes before stays right, too, but each refresh compares all rows
    with all.) Relies on pg_temp.dbt_pgtrickle_tokens, _sources, _qualified, _temporary,
    _rename and _over_tables. -#}
{% macro pgtrickle__first_rows_function() -%}
  {%- set statements %}
  if query !~* '\mrow_number\(\) over \(' then
    return null;
  end if;
  -- the last first: what stands inside another one
  loop
    with tokens as materialized (
      select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(changed) as t
    ),
    -- … row_number() OVER (PARTITION BY … ORDER BY …) AS number, an item of a subquery over one table
    numbers as (
      select w.place, w.depth, w.scope, opened, closed, named.place as ends, named.parts[1] as number,
        source.spelt, source.alias, source.keys,
        source.last as source, (select min(place) from tokens where scope = w.scope and clause = 'from') as froms,
        (select max(place) from tokens where place < w.place and token = '(' and depth = w.depth - 1) as subquery,
        (select min(place) from tokens where place > w.place and token = ')' and depth = w.depth - 1) as behind,
        (select min(place) from tokens where place > opened and place < closed and word = 'by' and before = 'partition') as partitions,
        (select min(place) from tokens where place > opened and place < closed and word = 'order' and depth = w.depth + 1) as orders
      from tokens as w
      cross join lateral (select min(place) as opened from tokens where place > w.place and token = '(' and before = 'over') as o
      cross join lateral (select min(place) as closed from tokens where place > opened and token = ')' and depth = w.depth) as c
      join lateral (select * from tokens where place > closed and not blank and word <> 'as' order by place limit 1) as named on true
      join pg_temp.dbt_pgtrickle_sources(changed) as source on source.scope = w.scope and source.keys is not null
      where w.word = 'row_number' and w.clause = 'select' and w.before in ('select', ',') and w.depth > 0 and named.before = 'as'
        and not exists (
          select from tokens as t
          where t.scope = w.scope and (t.clause not in ('select', 'from', 'where')
            or t.clause = 'from' and t.word in ('join', ',') and t.place not between source.first and source.last))
    ),
    -- … = 1, a condition of its own
    asked as (
      select numbers.*, named.parts[1] as named, named.scope as reader, a.place as asks, one.place as one
      from numbers
      join lateral (select * from tokens where place > behind and not blank and word <> 'as' order by place limit 1) as named on true
      join tokens as operand on operand.place = subquery
      join tokens as a on a.scope = named.scope and a.clause in ('where', 'from') and a.before = '(' and a.after = '='
        and a.parts in (array[number], array[named.parts[1], number])
      join lateral (select * from tokens where place > a.place and not blank and token <> '=' order by place limit 1) as one
        on one.token = '1' and one.after = ')'
      where orders is not null
        and (select count(*) from tokens where scope = named.scope and clause <> 'select'
          and parts in (array[number], array[named.parts[1], number])) = 1
        and not exists (
          select from tokens as t
          where t.scope = named.scope
            and (t.clause = a.clause and t.word in ('or', 'not', 'case') and t.depth < a.depth
              or t.word in ('right', 'full')
              -- joins of their own on the second side of a join
              or t.clause = 'from' and t.token = '(' and t.before = 'join' and t.after <> 'select'
              or t.word = 'left' and a.clause = 'where' and operand.before = 'join'
              or a.clause = 'from' and (operand.before <> 'join' or t.word = 'join' and t.place between behind and a.place)))
      order by numbers.place desc limit 1
    )
    select key, conditions, spelt, alias,
      (select string_agg(case
          when scope <> reader or clause <> 'select' or parts is null or parts not in (array[number], array[named, number]) then token
          when before in ('select', ',') and after in (',', 'from') then format('1::bigint AS %I', number)
          else '1::bigint' end, '' order by place) from tokens where place <= subquery) as head,
      (select string_agg(token, '' order by place) from tokens where place > subquery and place < asked.place) as items,
      (select coalesce(string_agg(token, '' order by place), '') from tokens where place > ends and place < froms) as others,
      (select string_agg(token, '' order by place) from tokens where place > source and place < behind and (
        select min(t.place) from tokens as t where t.scope = asked.scope and t.clause = 'where') <= place) as filter,
      (select string_agg(token, '' order by place) from tokens where place > partitions and place < orders) as partition,
      (select string_agg(token, '' order by place) from tokens where place >= orders and place < closed) as sorting,
      (select string_agg(token, '' order by place) from tokens where place >= behind and place < asks) as between_them,
      (select string_agg(token, '' order by place) from tokens where place > one) as tail
    into part
    from asked
    cross join lateral (
      select min(k) as key, count(*) from unnest(keys) as k
      where not exists (
        select from tokens as t
        where t.place > partitions and t.place < orders and t.depth = asked.depth + 1 and t.before in ('by', ',')
          and t.after in (',', 'order') and t.parts = array[alias, k])
    ) as last
    cross join lateral (
      select string_agg(format(' AND firsts.%I = %I.%I', k, alias, k), '') as conditions from unnest(keys) as k where k <> key) as others
    where count = 1 and exists (
      select from tokens as t
      where t.place between orders and closed and t.depth = asked.depth + 1 and t.before in ('by', ',') and t.after in (',', ')', 'desc')
        and t.parts = array[alias, key]);
    exit when not found;
    joined := pg_temp.dbt_pgtrickle_without(part.between_them, part.tail);
    if joined is null then
      return null;
    end if;
    listed := format('WITH listed AS (SELECT * FROM %s %I)', part.spelt, part.alias);
    -- 0.67.0 groups no subquery, and takes two tables of one name for one
    grouped := pg_temp.dbt_pgtrickle_over_tables(concat(listed, ' ', pg_temp.dbt_pgtrickle_qualified(
      format('SELECT %sarray_agg(%I %s) AS first_rows FROM listed AS ranked %s%s', part.partition || ', ', part.key, part.sorting,
        part.filter, ' GROUP BY' || part.partition), part.alias, 'ranked')), '{}');
    view := pg_temp.dbt_pgtrickle_temporary(grouped);
    changed := concat(part.head, pg_temp.dbt_pgtrickle_rename(pg_temp.dbt_pgtrickle_over_tables(concat(
        listed, ' ', case when part.items ~* 'select\s*$' then part.items || regexp_replace(part.others, '^\s*,', '')
          else regexp_replace(part.items, ',\s*$', ' ') || part.others end,
        format('FROM %s firsts JOIN listed %I ON firsts.first_rows[1] = %I.%I%s', view, part.alias, part.alias, part.key,
          part.conditions)), '{}'),
      jsonb_build_object(view, format('(%s)', grouped))), joined);
  end loop;
  {%- endset -%}
{{ pgtrickle__rewriting_function('first_rows', statements, 'listed text; grouped text; view regclass; joined text;') }}
{%- endmacro %}
