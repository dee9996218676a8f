{#- pg_temp.dbt_pgtrickle_windowed(query text): a query with its window functions in a subquery by themselves, over columns of another one,
    and with all columns that they are over: those that it doesn't select as __pgt_dbt_<n>, which nobody sees who selects by dbt.
    pg_trickle 0.67.0 finds a window's columns by their names in the result, and no window in an expression. Null where there is none, or
    the query groups. Relies on pg_temp.dbt_pgtrickle_tokens and _canonical. -#}
{% macro pgtrickle__windowed_function() -%}
  {%- set statements %}
  if query !~* '\mover\s*\(' then
    return null;
  end if;
  -- where every column says whose it is
  changed := pg_temp.dbt_pgtrickle_canonical(query, '{}');
  with {{ pgtrickle__main_select('changed') }},
  listed as (
    select t.*, t.depth = 0 and t.word = ',' as separates,
      count(*) filter (where t.depth = 0 and t.word = ',') over (order by t.place) as item
    from tokens as t, main where t.place > selects and t.place < froms
  ),
  windows as (
    select first, last, item, opening.depth, opening.place as overs
    from listed as opening
    cross join lateral (
      select max(place) as first from listed
      where place < opening.place and parts is not null and after = '(' and depth = opening.depth and word <> 'filter'
    ) as function
    cross join lateral (
      select min(place) as last from listed as l where l.place > opening.place + 1 and token = ')' and depth = opening.depth
    ) as closing
    where opening.word = 'over' and opening.after = '('
  ),
  -- what it partitions or orders by, where that is more than a column
  terms as (
    select min(place) as first, max(place) as last, string_agg(token, '' order by place) as term
    from (
      select l.*, bounds, windows.first as of_window,
        count(*) filter (where bounds) over (partition by windows.first order by l.place) as number,
        bool_or(l.depth = windows.depth + 1 and l.word in ('rows', 'range', 'groups'))
          over (partition by windows.first order by l.place) as framed
      from windows
      join listed as l on l.place > windows.overs and l.place < windows.last and l.depth > windows.depth
      cross join lateral (
        select l.depth = windows.depth + 1 and l.word in ('partition', 'by', 'order', ',', 'desc', 'nulls', 'first', 'last') as bounds
      ) as kind
    ) as split
    where not bounds and not framed
    group by of_window, number
    having count(*) filter (where not blank) > 1 and count(*) filter (where cardinality(parts) = 2) > 0
  ),
  -- an item that is nothing else gives its own name
  items as (
    select item, max(parts[cardinality(parts)]) filter (where is_last) as name,
      case when bool_and(blank or separates or word = 'as' or is_last or place = first_ref)
        then max(token) filter (where place = first_ref) end as ref,
      min(place) filter (where not blank and not separates) as starts,
      max(place) filter (where not blank and word <> 'as' and not is_last) as ends
    from (
      select *, place = max(place) filter (where not blank and not separates) over (partition by item) as is_last,
        min(place) filter (where cardinality(parts) = 2) over (partition by item) as first_ref from listed
    ) as marked
    group by item
  ),
  used as (
    select place as first, place as last, token as ref
    from listed as l
    where cardinality(parts) = 2 and coalesce(before, '') not in (':', '.') and after is distinct from '('
      and not exists (select from terms where l.place between terms.first and terms.last)
    union all
    select first, last, term from terms
  ),
  columns as (
    select ref, min(first) as place,
      coalesce((select min(name) from items where items.ref = used.ref), '__pgt_dbt_' || row_number() over (order by min(first))) as name
    from used group by ref
  ),
  named as (
    select windows.first, windows.last, coalesce((
      select items.name from items where items.item = windows.item and starts = first and ends = last
    ), format('__pgt_dbt_w%s', row_number() over (order by first))) as name
    from windows
  ),
  spelt as (
    select listed.place, named.first, named.name as called, case
      when used.first is null then token when listed.place = used.first then format(' %I ', columns.name) else '' end as token
    from listed
    left join used on listed.place between used.first and used.last
    left join columns using (ref)
    left join named on listed.place between named.first and named.last
  ),
  calls as (
    select first, called, string_agg(token, '' order by place) as call from spelt where first is not null group by first, called
  )
  select
    (select string_agg(format('%s AS %I', ref, name), ', ' order by place) from columns) as refs,
    (select string_agg(quote_ident(name), ', ' order by place) from columns) as names,
    (select string_agg(format('%s AS %I', call, called), ', ' order by first) from calls) as windows,
    (select string_agg(case when first is null then token when place = first then quote_ident(called) else '' end, '' order by place)
      from spelt) as list,
    (select string_agg(', ' || quote_ident(name), '' order by name)
      from (select name from columns union all select name from named) as names where starts_with(name, '__pgt_dbt_')) as hidden,
    (select string_agg(token, '' order by place) from tokens, main where place >= froms) as rest
  into part
  from main
  where exists (select from windows)
    and not exists (
      select from tokens as t
      where t.scope = main.scope and t.clause not in ('select', 'from', 'where') or t.depth = 0 and t.word in ('distinct', 'with')
        or t.place < froms and t.word = 'select' and t.depth > 0);
  if not found then
    return null;
  end if;
  changed := format('SELECT %s%s FROM (SELECT %s, %s FROM (SELECT %s %s) selected) windowed', part.list, part.hidden, part.names,
    part.windows, part.refs, part.rest);
  {%- endset -%}
{{ pgtrickle__rewriting_function('windowed', statements) }}
{%- endmacro %}
