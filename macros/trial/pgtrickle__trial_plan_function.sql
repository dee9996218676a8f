{#- pg_temp.dbt_pgtrickle_trial_plan(plan jsonb): what a query joins, and what it compares columns with.
    plan: of EXPLAIN (verbose, format json).
    Gives {joins: [[relation, column, relation, column]], conditions: {relation: [{column, operator, any: whether value is a list, value}]}}. -#}
{% macro pgtrickle__trial_plan_function() -%}
  {%- set column -%}
(\w+|"[^"]+")\.(\w+|"[^"]+")
  {%- endset -%}
  {%- set body -%}
with nodes as (
  select distinct node ->> 'Alias' as alias, (node ->> 'Schema') || '.' || (node ->> 'Relation Name') as name
  from jsonb_path_query(plan, 'strict $.**') as node
  where jsonb_typeof(node) = 'object' and node ? 'Relation Name'
),
texts as (
  select distinct node #>> '{}' as text from jsonb_path_query(plan, 'strict $.**') as node where jsonb_typeof(node) = 'string'
),
joins as (
  select distinct jsonb_build_array(one.name, trim('"' from parts[2]), other.name, trim('"' from parts[4])) as pair
  from texts
  cross join lateral regexp_matches(text, '{{ column }}\)?(?:::[\w ."]+(?:\(\d+\))?\)?)? = \(*{{ column }}', 'g') as parts
  join nodes one on one.alias = trim('"' from parts[1])
  join nodes other on other.alias = trim('"' from parts[3])
),
conditions as (
  select distinct name, jsonb_build_object('column', trim('"' from parts[2]), 'operator', parts[3], 'any', parts[4] is not null,
    'value', coalesce(replace(parts[5], '''''', ''''), parts[6])) as condition
  from texts
  cross join lateral regexp_matches(text,
    '{{ column }}\)?(?:::[\w ."]+(?:\(\d+\))?\)?)? (=|<>|<=?|>=?|~~) (ANY \()?(?:''((?:[^'']|'''')*)''|(-?\d+(?:\.\d+)?)(?![\w.]))', 'g') as parts
  join nodes on alias = trim('"' from parts[1])
)
select jsonb_build_object(
  'joins', (select coalesce(jsonb_agg(pair), '[]') from joins),
  'conditions', (select coalesce(jsonb_object_agg(name, listed), '{}') from (select name, jsonb_agg(condition) as listed from conditions group by name) as grouped))
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_trial_plan(plan jsonb)
returns jsonb
language sql set search_path = pg_catalog, pg_temp
as {{ pgtrickle__literal(body) }};
{%- endmacro %}
