{#- pg_temp.dbt_pgtrickle_keyed(query text): a query in PostgreSQL's own words with what tells its rows apart: the primary keys of the
    tables that it reads and doesn't select, of a table without one all columns, as __pgt_dbt_<n>, which nobody sees who selects by dbt.
    pg_trickle 0.67.0 keeps a join, or columns of a table, by what is selected: two rows that look alike are one to it. Null where the query
    groups or nothing is missing. Relies on pg_temp.dbt_pgtrickle_tokens and _sources. -#}
{% macro pgtrickle__keyed_function() -%}
  {%- set statements %}
  with {{ pgtrickle__main_select('query') }},
  missing as (
    select format(', %I.%I AS __pgt_dbt_%s', alias, key, row_number() over (order by first, number)) as item
    from pg_temp.dbt_pgtrickle_sources(query)
    join main using (scope)
    cross join unnest(told_by) with ordinality as listed (key, number)
    where not exists (
      select from tokens as t
      where t.place between selects and froms and t.depth = 0 and t.before in ('select', ',') and t.after in (',', 'from', 'as')
        and t.parts in (array[key], array[alias, key]))
  )
  select
    -- a wide table without a key would be kept twice
    (select string_agg(item, '') from missing having count(*) <= 12) as items,
    (select string_agg(token, '' order by place) from tokens where place < froms) as head,
    (select string_agg(token, '' order by place) from tokens where place >= froms) as rest
  into part
  from main
  where not exists (
    select from tokens as t
    where t.scope = main.scope and t.clause not in ('select', 'from', 'where', 'order')
      or t.place between selects and froms and (t.word in ('over', 'distinct')
        or t.after = '(' and t.word in (select proname from pg_proc where prokind = 'a')));
  if part.items is not null then
    changed := concat(rtrim(part.head, E' \n'), part.items, E'\n   ', part.rest);
  end if;
  {%- endset -%}
{{ pgtrickle__rewriting_function('keyed', statements) }}
{%- endmacro %}
