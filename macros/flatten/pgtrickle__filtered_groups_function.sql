{#- pg_temp.dbt_pgtrickle_filtered_groups(query text): a query in PostgreSQL's own words with the groups in a CTE and their conditions in
    WHERE in the place of HAVING, in which pg_trickle 0.67.0 neither finds what isn't selected nor keeps sums that may be NULL. The same by
    the rules of SQL. Null where there is no HAVING, or one of more than aggregates. Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__filtered_groups_function() -%}
  {%- set statements %}
  if query !~* '\mhaving\M' then
    return null;
  end if;
  with tokens as materialized (
    select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(query) as t
  ),
  main as (
    select scope, place as selects, (select min(place) from tokens where clause = 'from' and depth = 0 and scope = s.scope) as froms,
      (select min(place) from tokens where word = 'having' and depth = 0 and scope = s.scope) as havings
    from tokens as s where depth = 0 and word = 'select' order by place limit 1
  ),
  aggregates as (
    select place as first, (select min(place) from tokens where place > t.place + 1 and token = ')' and depth = t.depth) as last
    from tokens as t, main
    where place > havings and after = '(' and word in (select proname from pg_proc where prokind = 'a')
  ),
  called as (
    select first, last, string_agg(token, '' order by place) as call
    from aggregates join tokens on place between first and last group by first, last
  ),
  named as (
    select call, 'having_' || row_number() over (order by min(first)) as name from called group by call
  )
  select
    (select string_agg(token, '' order by place) from tokens where place between selects and froms - 1) as items,
    (select string_agg(format('%s AS %I', call, name), ', ') from named) as calls,
    (select string_agg(token, '' order by place) from tokens where place >= froms and place < havings) as rest,
    (select string_agg(case when first is null then token when place = first then name else '' end, '' order by place)
      from tokens left join called on place between first and last left join named using (call) where place > havings) as condition,
    -- in PostgreSQL's own words an item ends in its name
    (select string_agg(quote_ident(parts[cardinality(parts)]), ', ' order by place) from tokens
      where place > selects and place < froms and parts is not null and depth = 0 and after in (',', 'from')) as names
  into part
  from main
  where havings is not null
    and not exists (
      select from tokens as t
      where t.depth = 0 and (t.word in ('with', 'distinct')
          or t.clause in ('union', 'intersect', 'except', 'limit', 'offset', 'fetch', 'order'))
        or t.place > havings and not exists (select from aggregates where t.place between first and last)
          and (t.word in ('select', 'filter', 'over') or t.parts is not null and t.before <> ':' and t.after is distinct from '('
            and t.word not in ('and', 'or', 'not', 'is', 'null', 'between', 'distinct', 'from', 'without', 'time', 'zone',
              'precision', 'varying')))
    and (select count(*) from tokens where place > selects and place < froms and depth = 0 and token = ',') + 1 = (
      select count(*) from tokens where place > selects and place < froms and parts is not null and depth = 0 and after in (',', 'from'));
  if not found then
    return null;
  end if;
  changed := format('WITH grouped AS (%s, %s %s) SELECT %s FROM grouped WHERE %s', part.items, part.calls, part.rest, part.names,
    part.condition);
  {%- endset -%}
{{ pgtrickle__rewriting_function('filtered_groups', statements) }}
{%- endmacro %}
