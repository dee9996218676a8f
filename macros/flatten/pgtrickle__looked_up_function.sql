{#- pg_temp.dbt_pgtrickle_looked_up(query text): a query with LEFT JOINs of groups in the place of the subqueries in its select list that
    look something up for each row (`(select count(*) from o where o.customer_id = c.id)`, `exists (…)`), which pg_trickle 0.67.0 doesn't
    take. By the rules of SQL the same, where such a one compares one column of its own with one of the query's. Null where there is none.
    pg_temp.dbt_pgtrickle_without(before text, after text): a query without the condition in parentheses between two parts of it, and
    without the AND or WHERE that this leaves; null where there is neither.
    Relies on pg_temp.dbt_pgtrickle_tokens, _sources, _qualified and _canonical. -#}
{% macro pgtrickle__looked_up_function() -%}
  {%- set without -%}
select case
  when before ~* '\sand\s*\($' then regexp_replace(before, '\sand\s*\($', '', 'i') || regexp_replace(after, '^\s*\)', '')
  when after ~* '^\s*\)\s*and\s' then regexp_replace(before, '\($', '') || regexp_replace(after, '^\s*\)\s*and\s', '', 'i')
  when before ~* '\swhere\s*\($' then regexp_replace(before, '\swhere\s*\($', ' ', 'i') || regexp_replace(after, '^\s*\)', '')
end
  {%- endset -%}
  {%- set statements %}
  if query !~* '\(\s*select\s' then
    return null;
  end if;
  -- where every column says whose it is
  given := pg_temp.dbt_pgtrickle_canonical(query, '{}');
  changed := given;
  for number in 1..9 loop
    with {{ pgtrickle__main_select('changed') }}
    select opened.before = 'exists' as is_exists,
      (select string_agg(token, '' order by place) from tokens where place < opened.place) as head,
      (select string_agg(token, '' order by place) from tokens where place > opened.place and place < closed) as subquery,
      (select string_agg(token, '' order by place) from tokens where place > closed and place < ends) as others,
      (select string_agg(token, '' order by place) from tokens where place >= ends) as tail
    into part
    from main
    cross join lateral (
      select coalesce(min(place) filter (where depth = 0 and clause not in ('select', 'from') and tokens.scope = main.scope),
        max(place) + 1) as ends from tokens
    ) as sources
    join tokens as opened on opened.place > selects and opened.place < froms and opened.token = '(' and opened.after = 'select'
    cross join lateral (select min(place) as closed from tokens where place > opened.place and token = ')' and depth = opened.depth) as c
    where not exists (select from tokens where depth = 0 and clause in ('group', 'having', 'union', 'intersect', 'except', 'with'))
    order by opened.place limit 1;
    exit when not found;

    -- the one equation of a column of its own with one of the query's
    with tokens as materialized (
      select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(part.subquery) as t
    ),
    own as (
      select alias from pg_temp.dbt_pgtrickle_sources(part.subquery) where scope = 1
    )
    select case when l.parts[1] in (table own) then l.token else r.token end as own,
      case when l.parts[1] in (table own) then r.token else l.token end as other,
      (select max(alias) from own having count(*) = 1) as single,
      pg_temp.dbt_pgtrickle_without(
        (select string_agg(token, '' order by place) from tokens where place < l.place),
        (select string_agg(token, '' order by place) from tokens where place > r.place)) as rest
    into equation
    from tokens as e
    join lateral (select * from tokens where place < e.place and not blank order by place desc limit 1) as l on l.before = '('
    join lateral (select * from tokens where place > e.place and not blank order by place limit 1) as r on r.after = ')'
    where e.scope = 1 and e.clause = 'where' and e.token = '=' and cardinality(l.parts) = 2 and cardinality(r.parts) = 2
      and (l.parts[1] in (table own)) <> (r.parts[1] in (table own))
      and not exists (
        select from tokens as t
        where t.clause not in ('select', 'from', 'where') and t.scope = 1
          or t.scope = 1 and t.clause = 'where' and t.depth < e.depth and t.word in ('or', 'not', 'case'));
    exit when not found or equation.rest is null;

    -- what it computes of the groups, and what of that
    with tokens as materialized (
      select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(equation.rest) as t
    ),
    froms as (
      select min(place) as place from tokens where clause = 'from' and depth = 0
    ),
    aggregates as (
      select t.place as first, last, t.word = 'count' as counts, row_number() over (order by t.place) as number
      from tokens as t
      join froms on t.place < froms.place
      cross join lateral (select min(place) as last from tokens where place > t.place + 1 and token = ')' and depth = t.depth) as c
      where after = '(' and word in (select proname from pg_proc where prokind = 'a')
    )
    select
      (select string_agg(format(', %s AS value_%s', call, aggregates.number), '' order by first)
        from aggregates cross join lateral (
          select string_agg(token, '' order by place) as call from tokens where place between first and last) as c) as calls,
      (select regexp_replace(
          string_agg(coalesce(case when first is null then token when place = first then value end, ''), '' order by place),
          '\s+as\s+("[^"]+"|\w+)\s*$', '', 'i')
        from tokens left join aggregates on place between first and last
        cross join lateral (select format(case when counts then 'COALESCE(looked_up_%s.value_%s, 0)' else 'looked_up_%s.value_%s' end,
          nth, aggregates.number) as value) as named
        where place > (select min(place) from tokens where word = 'select') and place < (select place from froms)) as expression,
      (select string_agg(token, '' order by place) from tokens where place >= (select place from froms)) as sources
    into groups
    from (select number as nth) as counted;
    exit when not part.is_exists and groups.calls is null;
    grouped := format('SELECT %s AS looked_by%s %s GROUP BY %s', equation.own, case when part.is_exists then ', count(*) AS value_1'
      else groups.calls end, groups.sources, equation.own);
    if equation.single is not null then
      -- 0.67.0 doesn't find the columns of a single table by its name here
      grouped := pg_temp.dbt_pgtrickle_qualified(grouped, equation.single, null);
    end if;
    changed := concat(
      case when part.is_exists then regexp_replace(part.head, 'exists\s*$', '', 'i') else part.head end,
      '(', case when part.is_exists then format('looked_up_%s.looked_by IS NOT NULL', number) else groups.expression end, ')', part.others,
      format(' LEFT JOIN (%s) looked_up_%s ON looked_up_%s.looked_by = %s ', grouped, number, number, equation.other), part.tail);
  end loop;
  if changed = given then
    return null;
  end if;
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_without(before text, after text)
returns text
language sql as {{ pgtrickle__literal(without) }};
{{ pgtrickle__rewriting_function('looked_up', statements, 'equation record; groups record; grouped text; given text;') }}
{%- endmacro %}
