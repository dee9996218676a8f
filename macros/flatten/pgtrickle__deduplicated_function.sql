{#- pg_temp.dbt_pgtrickle_deduplicated(query text): a query in PostgreSQL's own words with row_number() in the place of DISTINCT ON, which
    pg_trickle 0.67.0 spells so itself, but looks for the columns of what stands in FROM by names that they don't have there ("column
    __pgt_do.x.y does not exist"), in FULL too; the same but for rows that its ORDER BY doesn't tell apart. And with groups of its columns
    in the place of DISTINCT, of which it takes no expressions ("syntax error at or near "as""). Null where there is neither, or one has a
    LIMIT. Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__deduplicated_function() -%}
  {%- set statements %}
  -- the last first: what stands inside another one
  loop
    with tokens as materialized (
      select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(changed) as t
    ),
    one as (
      select place, depth, scope, after = 'on' as is_ranked,
        (select max(place) from tokens where place < d.place and word = 'select' and scope = d.scope) as first,
        case when after = 'on' then (select min(place) from tokens where place > d.place and token = '(') else place end as opened
      from tokens as d where word = 'distinct' and before = 'select' and clause = 'select'
      order by place desc limit 1
    ),
    marks as (
      select one.*,
        case when is_ranked then (select min(place) from tokens where place > opened and token = ')' and depth = one.depth)
          else opened end as closed,
        (select min(place) from tokens where place > opened and word = 'from' and depth = one.depth and scope = one.scope) as froms,
        (select min(place) from tokens where place > opened and word = 'order' and clause = 'order' and depth = one.depth
          and scope = one.scope) as orders,
        coalesce((select min(place) from tokens where place > opened and depth < one.depth),
          (select max(place) + 1 from tokens)) as ends,
        exists (select from tokens where scope = one.scope and clause in ('limit', 'offset', 'fetch', 'for', 'window', 'union',
          'intersect', 'except')) as limited
      from one
    ),
    pieces as (
      select marks.*,
        (select string_agg(token, '' order by place) from tokens where place > opened and place < closed) as keys,
        (select string_agg(token, '' order by place) from tokens where place > closed and place < froms) as items,
        (select string_agg(token, '' order by place) from tokens where place >= froms and place < coalesce(orders, ends)) as rest,
        (select string_agg(token, '' order by place) from tokens where place >= orders and place < ends) as sorting,
        -- in PostgreSQL's own words an item ends in its name
        (select string_agg(quote_ident(parts[cardinality(parts)]), ', ' order by place)
          from tokens
          where place > closed and place < froms and parts is not null and depth = marks.depth and after in (',', 'from')) as names,
        (select count(*) from tokens where place > closed and place < froms and depth = marks.depth and token = ',') + 1 > (
          select count(*) from tokens
          where place > closed and place < froms and parts is not null and depth = marks.depth and after in (',', 'from')) as unnamed,
        (select string_agg(token, '' order by place) from tokens where place < first) as before,
        (select string_agg(token, '' order by place) from tokens where place >= ends) as behind
      from marks
    )
    select * into part from pieces;
    -- an item of IN's query needs no name
    exit when not found or part.limited or part.unnamed;
    changed := concat(part.before, case when part.is_ranked then format(
        'SELECT %s FROM (SELECT %s, row_number() OVER (PARTITION BY %s %s) AS ranked_as %s) ranked WHERE ranked_as = 1',
        part.names, part.items, part.keys, coalesce(part.sorting, ''), part.rest)
      else format('SELECT %1$s FROM (SELECT %2$s %3$s) grouped GROUP BY %1$s', part.names, part.items, part.rest) end, part.behind);
  end loop;
  {%- endset -%}
{{ pgtrickle__rewriting_function('deduplicated', statements) }}
{%- endmacro %}
