{#- pg_temp.dbt_pgtrickle_anti_joined(query text): a query in PostgreSQL's own words with NOT EXISTS in the place of a LEFT JOIN of which it
    keeps the rows without a partner (`where b.id is null`), which pg_trickle 0.67.0 doesn't keep right. The same where that column is one
    of an equation of the join or of the primary key, so that it is NULL in no partner, and nothing else of that side is asked for. Null
    where there is none.
    Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__anti_joined_function() -%}
  {%- set statements %}
  if query !~* '\mleft\s+join\M' then
    return null;
  end if;
  loop
    with tokens as materialized (
      select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(changed) as t
    ),
    joins as (
      select place as started, scope, depth,
        (select min(place) from tokens where place > l.place and word = 'join') as joined,
        (select min(place) from tokens where place > l.place and word = 'on' and depth = l.depth) as conditioned,
        (select max(place) from tokens where place < l.place and token = '(' and depth = l.depth - 1) as opened,
        (select min(place) from tokens where place > l.place and token = ')' and depth = l.depth - 1) as closed
      from tokens as l where word = 'left' and after = 'join' and clause = 'from'
    ),
    sides as (
      select joins.*,
        (select count(*) from tokens where place > joined and place < conditioned and parts is not null) as names,
        (select parts[cardinality(parts)] from tokens where place > joined and place < conditioned and parts is not null
          order by place desc limit 1) as name,
        (select token from tokens where place > joined and place < conditioned and relation) as relation,
        (select bool_and(blank or parts is not null) from tokens where place > joined and place < conditioned) as is_plain
      from joins
    ),
    asked as (
      select sides.*, a.place as asks, a.parts[2] as of, a.depth as at,
        (select min(place) from tokens where place > a.place and word = 'null') as ends,
        (select min(place) from tokens where scope = sides.scope and word = 'where' and clause = 'where') as filters
      from sides
      join tokens as a on a.clause = 'where' and a.scope = sides.scope and a.parts[1] = name and cardinality(a.parts) = 2 and a.after = 'is'
      where is_plain and names between 1 and 2 and opened is not null
        and not exists (
          select from tokens as o
          where o.parts[1] = name and cardinality(o.parts) > 1 and o.place <> a.place
            and not o.place between sides.joined and sides.closed)
    )
    select asked.*,
      (select string_agg(token, '' order by place) from tokens where place < opened) as before,
      (select string_agg(token, '' order by place) from tokens where place > opened and place < started) as others,
      (select string_agg(token, '' order by place) from tokens where place > joined and place < conditioned) as side,
      (select string_agg(token, '' order by place) from tokens where place > conditioned and place < closed) as condition,
      (select string_agg(token, '' order by place) from tokens where place > closed and place < asks) as between_them,
      (select string_agg(token, '' order by place) from tokens where place > ends) as behind
    into part
    from asked
    where not exists (select from tokens where place > asks and place < ends and not blank and word <> 'is')
      and not exists (
        select from tokens
        where place > filters and clause = 'where' and scope = asked.scope and depth < at and word in ('or', 'not', 'case'))
      and (exists (
        select from pg_index k join pg_attribute c on c.attrelid = k.indrelid and c.attnum = any (k.indkey)
        where k.indrelid = to_regclass(asked.relation) and k.indisprimary and c.attname = asked.of
      ) or exists (
        select from tokens as e
        where e.place > conditioned and e.place < closed and e.parts = array[name, asked.of] and '=' in (e.before, e.after)
          and not exists (
            select from tokens
            where place > conditioned and place < closed and depth < e.depth and not blank and token not in ('(', ')') and word <> 'and')))
    order by started desc limit 1;
    exit when not found;
    changed := concat(part.before, part.others, part.between_them, 'NOT EXISTS (SELECT 1 FROM ', part.side, ' WHERE ', part.condition, ')',
      part.behind);
  end loop;
  {%- endset -%}
{{ pgtrickle__rewriting_function('anti_joined', statements) }}
{%- endmacro %}
