{#- pg_temp.dbt_pgtrickle_sources(query text): what stands in FROM of a query in PostgreSQL's own words, and of those inside it. Gives
    (first, last: its tokens, scope, spelt, alias, keys: the names that the columns of the primary key have there, of a table or of a
    subquery that selects from that alone, null where it has none, or they aren't all there, told_by: these, or of a table without a key
    all columns, columns: a subquery's expressions by their names).
    Relies on pg_temp.dbt_pgtrickle_tokens and _columns. -#}
{% macro pgtrickle__sources_function() -%}
  {%- set body -%}
with tokens as materialized (
  select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(query) as t
),
found as (
  select place as first, place as last, scope, token as spelt, to_regclass(token) as relation, null::jsonb as columns
  from tokens where relation and clause = 'from'
  union all
  select opened.place, closed, scope, subquery, (
      select to_regclass(max(token) filter (where relation)) from tokens where place between opened.place and closed
      having count(*) filter (where relation) = 1 and not bool_or(clause in ('group', 'union', 'intersect', 'except', 'limit'))),
    pg_temp.dbt_pgtrickle_columns(substr(subquery, 2, length(subquery) - 2))
  from tokens as opened
  cross join lateral (select min(place) as closed from tokens where place > opened.place and token = ')' and depth = opened.depth) as ends
  cross join lateral (
    select string_agg(token, '' order by place) as subquery from tokens where place between opened.place and closed) as whole
  where opened.token = '(' and opened.clause = 'from' and opened.after = 'select'
)
select first, last, scope, spelt, alias, case when has_key then told_by end, told_by, columns
from found
cross join lateral (
  select coalesce((
    select case when cardinality(n.parts) = 1 and n.word not in ('join', 'left', 'right', 'full', 'inner', 'cross', 'on', 'where', 'order',
      'group') then n.parts[1] end
    from tokens as n where n.place > last and not n.blank and n.word <> 'as' order by n.place limit 1
  ), (parse_ident(case when spelt !~ '^\(' then spelt end))[cardinality(parse_ident(case when spelt !~ '^\(' then spelt end))]) as alias
) as named
cross join lateral (select exists (select from pg_index where indrelid = relation and indisprimary) as has_key) as kind
cross join lateral (
  select case when bool_and(name is not null) then array_agg(name order by number) end as told_by
  from pg_attribute
  left join pg_index on indrelid = relation and indisprimary
  cross join lateral (select coalesce(array_position(indkey::int2[], attnum), attnum) as number) as place
  cross join lateral (
    select case when spelt !~ '^\(' then attname::text else (
      select min(key) from jsonb_each_text(columns)
      where value !~ '[^\w."]' and regexp_replace(value, '^.*\.', '') = quote_ident(attname)) end as name
  ) as known
  where attrelid = relation and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')
    and (not has_key or attnum = any (indkey))
) as told
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_sources(query text)
returns table (first bigint, last bigint, scope int, spelt text, alias text, keys text[], told_by text[], columns jsonb)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
