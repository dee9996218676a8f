{#- pg_temp.dbt_pgtrickle_groups_apart(query text): a query with its groups in a CTE by themselves, and what it computes of them and of
    their columns together, and HAVING, in a query over that: pg_trickle 0.67.0 finds in them neither what isn't selected nor the groups'
    columns, and keeps no sum right that may be NULL. The same by the rules of SQL. Null where there is nothing of it.
    Relies on pg_temp.dbt_pgtrickle_tokens, _sources, _qualified and _canonical. -#}
{% macro pgtrickle__groups_apart_function() -%}
  {%- set statements %}
  if query !~* '\mgroup by\M' then
    return null;
  end if;
  -- where every column says whose it is
  changed := pg_temp.dbt_pgtrickle_canonical(query, '{}');
  with {{ pgtrickle__main_select('changed') }},
  filter as (
    select min(tokens.place) as havings from tokens join main using (scope) where word = 'having' and depth = 0
  ),
  -- what is selected, item by item, and HAVING, which is no item
  listed as (
    select t.*, case when t.place < froms then count(*) filter (where t.depth = 0 and t.word = ',') over (order by t.place) end as item
    from tokens as t, main, filter where t.place > selects and (t.place < froms or t.place > havings)
  ),
  aggregates as (
    select place as first, last, item from listed as l
    cross join lateral (select min(place) as last from listed as c where c.place > l.place + 1 and token = ')' and depth = l.depth) as c
    where after = '(' and word in (select proname from pg_proc where prokind = 'a')
  ),
  items as (
    select l.item, min(place) filter (where not blank and word <> ',') as starts,
      max(place) filter (where not blank and word <> 'as' and not is_name) as ends,
      max(parts[cardinality(parts)]) filter (where is_last) as name
    from (
      select *, is_last and before = 'as' as is_name
      from (select *, place = max(place) filter (where not blank and word <> ',') over (partition by item) as is_last from listed) as marked
    ) as l
    where item is not null group by l.item
  ),
  mixed as (
    select item from items where exists (
      select from aggregates where aggregates.item = items.item and (first, last) is distinct from (starts, ends))
  ),
  used as (
    select first, last, (select string_agg(token, '' order by place) from listed where place between first and last) as term
    from aggregates where item is null or item in (table mixed)
    union all
    select place, place, token from listed as l
    where cardinality(parts) = 2 and coalesce(before, '') not in (':', '.') and after is distinct from '('
      and (item is null or item in (table mixed)) and not exists (select from aggregates where l.place between first and last)
  ),
  named as (
    select term, 'of_group_' || row_number() over (order by min(first)) as name from used group by term
  ),
  spelt as (
    select place, item, case when first is null then token when place = first then name else '' end as token
    from listed left join used on place between first and last left join named using (term)
  )
  select
    concat_ws(', ', (
      select string_agg(text, ', ' order by item) from (
        select item, btrim(string_agg(token, '' order by place) filter (where place >= starts), E' \n') as text
        from listed join items using (item) where item not in (table mixed) group by item) as kept),
      (select string_agg(format('%s AS %s', term, name), ', ') from named)) as items,
    (select string_agg(token, '' order by place) from tokens, main, filter
      where place >= froms and place < coalesce(havings, place + 1)) as rest,
    (select string_agg(case when item in (table mixed) then spelling else quote_ident(name) end, ', ' order by item) from (
      select item, name, btrim(string_agg(token, '' order by place) filter (where place >= starts), E' \n') as spelling
      from spelt join items using (item) group by item, name) as outer_items) as list,
    (select ' WHERE ' || string_agg(token, '' order by place) from spelt where item is null) as condition,
    -- 0.67.0 doesn't find the columns of a single table by its name here
    (select max(alias) from pg_temp.dbt_pgtrickle_sources(changed) as source, main
      where source.scope = main.scope
        and not exists (select from tokens as t where t.scope = main.scope and t.clause = 'from' and t.word in ('join', ','))) as single
  into part
  from main, filter
  where (havings is not null or exists (select from mixed))
    and not exists (select from items where name is null)
    and not exists (
      select from tokens as t
      where t.depth = 0 and (t.word in ('with', 'distinct')
          or t.clause in ('union', 'intersect', 'except', 'limit', 'offset', 'fetch', 'order', 'window'))
        or t.word in ('select', 'filter', 'over', 'within') and t.place in (select place from listed));
  if not found then
    return null;
  end if;
  changed := concat(part.items, ' ', part.rest);
  changed := format('WITH grouped AS (SELECT %s) SELECT %s FROM grouped%s', case when part.single is null then changed
    else pg_temp.dbt_pgtrickle_qualified(changed, part.single, null) end, part.list, part.condition);
  {%- endset -%}
{{ pgtrickle__rewriting_function('groups_apart', statements) }}
{%- endmacro %}
