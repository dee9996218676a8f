{#- pg_temp.dbt_pgtrickle_joined_tables(query text): a query in PostgreSQL's own words with the tables themselves in the place of the
    subqueries of one that it joins, also where a LEFT JOIN may find nothing: what such a one computes is then computed of the rows that are
    there. By the rules of SQL the same; pg_trickle 0.67.0 keeps joins of tables right more often. Null where there is none.
    Relies on pg_temp.dbt_pgtrickle_tokens, _sources and _qualified. -#}
{% macro pgtrickle__joined_tables_function() -%}
  {%- set statements %}
  loop
    with tokens as materialized (
      select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(changed) as t
    ),
    one as (
      select outside.*, inside.spelt as single, inside.alias as inner_alias, operand.before as operand_of,
        (select max(place) from tokens where place < outside.first and word = 'join') as joined,
        (select min(place) from tokens where place > outside.last and word = 'on') as conditioned,
        (select string_agg(token, '' order by place) from tokens where place > inside.last and place < outside.last and clause = 'where'
          and word <> 'where') as filter
      from pg_temp.dbt_pgtrickle_sources(changed) as outside
      join pg_temp.dbt_pgtrickle_sources(changed) as inside
        on inside.first > outside.first and inside.last < outside.last and inside.spelt !~ '^\('
      join tokens as operand on operand.place = outside.first
      where outside.spelt ~ '^\(' and outside.keys is not null and outside.columns is not null
        and exists (select from tokens as t where t.scope = outside.scope and t.clause = 'from' and t.word = 'join')
        and not exists (
          select from tokens as t
          where t.scope = outside.scope and t.clause = 'from'
            -- joins of their own on the second side of a join
            and (t.word in ('right', 'full') or t.token = '(' and t.before = 'join' and t.after <> 'select'))
        -- nothing inside of it or of another query hangs on its columns
        and not exists (
          select from tokens as t
          where t.place > inside.first and t.place < outside.last and t.word in ('select', 'over')
            or t.parts[1] = outside.alias and cardinality(t.parts) = 2 and t.scope <> outside.scope
              and t.place not between outside.first and outside.last)
      order by outside.first desc limit 1
    ),
    read as (
      select one.*, coalesce(operand_of = 'join' and (select before from tokens where place = joined) = 'left', false) as nullable,
        (select pg_temp.dbt_pgtrickle_qualified(expression, inner_alias, alias) from jsonb_each_text(columns) as c (name, expression)
          where name = keys[1]) as key
      from one
      where filter is null or operand_of = 'join'
    )
    select string_agg(case
      when place = first then single
      when place > first and place <= last then ''
      when place = conditioned and filter is not null then 'ON (' || pg_temp.dbt_pgtrickle_qualified(filter, inner_alias, alias) || ') AND'
      when tokens.scope = read.scope and not relation and cardinality(parts) = 2 and parts[1] = alias and columns ? parts[2] then (
        select case
          when expression !~ '[^\w."]' then expression
          when nullable then format('CASE WHEN %s IS NOT NULL THEN %s END', key, expression)
          else format('(%s)', expression) end
          || case when clause = 'select' and before in ('select', ',') and after in (',', 'from') then ' AS ' || quote_ident(parts[2])
          else '' end
        from pg_temp.dbt_pgtrickle_qualified(columns ->> parts[2], inner_alias, alias) as expression)
      else token end, '' order by place) as query
    into part
    from tokens, read;
    exit when part.query is null;
    changed := part.query;
  end loop;
  {%- endset -%}
{{ pgtrickle__rewriting_function('joined_tables', statements) }}
{%- endmacro %}
