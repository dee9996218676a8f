{#- pg_temp.dbt_pgtrickle_plain_names(query text): a query in PostgreSQL's own words for columns whose names need quotes, which pg_trickle
    0.67.0 forgets where it joins by them and in groups ('column "customerid" does not exist'), and for groups by columns of one name of
    several tables, which it takes for one ("is ambiguous"): what a join compares stands in COALESCE, which is no name any more, and what
    is grouped comes from a subquery that gives it a plain name. The same by the rules of SQL. Null where there is none.
    Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__plain_names_function() -%}
  {%- set plain -%} '^[a-z_][a-z0-9_]*$' {%- endset -%}
  {%- set statements %}
  -- in PostgreSQL's own words a name that isn't plain stands in quotes
  if position('"' in query) = 0 and query !~* '\mjoin\M.*\mgroup by\M' then
    return null;
  end if;
  select string_agg(case when clause = 'from' and not relation and cardinality(parts) = 2 and parts[2] !~ {{ plain }}
    then 'COALESCE(' || token || ')' else token end, '' order by place) into changed
  from pg_temp.dbt_pgtrickle_tokens(query);

  with tokens as materialized (
    select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(changed) as t
  ),
  marks as (
    select min(place) as selects, min(depth) as at,
      (select min(place) from tokens where word = 'from' and clause = 'from' and depth = s.depth) as froms,
      (select min(place) from tokens where word = 'group' and clause = 'group' and depth = s.depth) as groups,
      (select count(*) from tokens where relation) as relations,
      (select to_regclass(token) from tokens where relation limit 1) as single
    from tokens as s where word = 'select' group by depth having count(*) = 1
  ),
  refs as (
    select place, parts, token, after in (',', 'from') and before in (',', 'select') and depth = at and place < froms as is_item,
      case when relations = 1 then 'c' || attnum else 'c' || dense_rank() over (order by parts) end
        || '_' || lower(regexp_replace(parts[cardinality(parts)], '[^A-Za-z0-9]', '_', 'g')) as plain
    from tokens cross join marks
    left join pg_attribute on attrelid = single and attname = parts[cardinality(parts)] and attnum > 0 and relations = 1
    where parts is not null and not relation and (place between selects and froms or place > groups) and after is distinct from '('
      and before is distinct from 'as'
      and (cardinality(parts) = 2 or relations = 1 and attname is not null and cardinality(parts) = 1)
  )
  select
    (select string_agg(distinct format('%s AS %s', token, plain), ', ') from refs) as columns,
    (select string_agg(coalesce(plain, tokens.token) || case when is_item then ' AS ' || quote_ident(refs.parts[cardinality(refs.parts)])
      else '' end, '' order by place) from tokens left join refs using (place) where place > selects and place < froms) as items,
    (select string_agg(token, '' order by place) from tokens where place >= froms and place < groups) as rest,
    (select string_agg(coalesce(plain, tokens.token), '' order by place) from tokens left join refs using (place)
      where place >= groups) as grouping
  into part
  from marks
  where groups is not null and (select count(*) from tokens where word = 'select') = 1
    and (select count(*) from tokens where word = 'with') = 0
    and exists (select from refs group by parts[cardinality(parts)]
      having parts[cardinality(parts)] !~ {{ plain }} or count(distinct parts[1]) > 1 and min(cardinality(parts)) = 2);
  if found then
    changed := format('SELECT %s FROM (SELECT %s %s) plainly %s', part.items, part.columns, part.rest, part.grouping);
  end if;
  {%- endset -%}
{{ pgtrickle__rewriting_function('plain_names', statements) }}
{%- endmacro %}
