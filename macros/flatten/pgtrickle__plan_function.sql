{#- pg_temp.dbt_pgtrickle_plan(relation regclass): how PostgreSQL reads a view, whatever views and subqueries it is made of, each
    CTE in place however often it is used, aliases numbered: two views of one plan mean the same. Costs decide as
    little as can be. Gives (plan, node: its first node as EXPLAIN has it). -#}
{% macro pgtrickle__plan_function() -%}
  {%- set body -%}
declare
  statement text;
  aliases text[];
begin
  -- below another query, EXPLAIN qualifies the columns of a single relation too
  select 'explain (verbose, costs off, format json) ' || string_agg(case
    when clause = 'with' and lower(token) = 'as' and after = '(' then 'as not materialized'
    when clause = 'with' and lower(token) = 'as' and after = 'materialized' then 'as not'
    else token
  end, '' order by place)
  into statement
  from pg_temp.dbt_pgtrickle_with(pg_temp.dbt_pgtrickle_words(relation)) as parts,
    pg_temp.dbt_pgtrickle_tokens(pg_temp.dbt_pgtrickle_ctes(parts.names, parts.bodies) || format('select * from (%s) as q', parts.main));
  execute statement into node;
  node := node -> 0 -> 'Plan';
  with recursive nodes as (
    select node as entry, array[]::bigint[] as path
    union all
    select child.entry, path || child.number
    from nodes, jsonb_array_elements(nodes.entry -> 'Plans') with ordinality as child (entry, number)
  )
  select
    string_agg(format(E'%s %s: %s\n', path, key, replace(value::text, '\"', '"')), '' order by path,
      key) filter (where key not in ('Plans', 'Alias', 'Async Capable', 'Disabled', 'Parallel Aware')),
    array_agg(value #>> '{}' order by path) filter (where key = 'Alias')
  into plan, aliases
  from nodes, jsonb_each(entry);
  for number in 1..coalesce(cardinality(aliases), 0) loop
    plan := regexp_replace(plan, '(?<![\w.])' || regexp_replace(quote_ident(aliases[number]), '(\W)', '\\\1', 'g') || '\.',
      format('r%s.', number), 'g');
  end loop;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_plan(relation regclass, out plan text, out node jsonb)
language plpgsql
{{ pgtrickle__fixed_output() }}
set constraint_exclusion = off
set enable_self_join_elimination = off
set enable_indexscan = off
set enable_indexonlyscan = off
set enable_bitmapscan = off
set enable_tidscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
set from_collapse_limit = 1
set max_parallel_workers_per_gather = 0
as {{ pgtrickle__literal(body) }};
{%- endmacro %}
