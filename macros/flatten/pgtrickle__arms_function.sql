{#- pg_temp.dbt_pgtrickle_arms(query text): a query whose arms of UNION, INTERSECT and EXCEPT name their columns as the first of them does,
    which alone names the result's: that means the same, and pg_trickle 0.67.0 looks for that name in every arm. Null where there is nothing
    of it. Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__arms_function() -%}
  {%- set body -%}
with tokens as (
  select *, lower(token) as word, coalesce(before, '') in ('union', 'all', 'distinct', 'intersect', 'except') as follows
  from pg_temp.dbt_pgtrickle_tokens(query)
),
arms as (
  select scope, depth, place, count(*) filter (where not follows) over (partition by depth order by place) as family
  from tokens where word = 'select'
),
own as (
  select arms.family, arms.depth, arms.place as arm, t.place, token, word, parts[cardinality(parts)] as name,
    count(*) filter (where word = ',') over (partition by arms.place order by t.place) as item
  from arms
  join tokens as t on t.scope = arms.scope and t.depth = arms.depth and t.clause = 'select' and not t.blank
),
items as (
  select family, depth, arm, item, max(place) as ends, bool_or(word = 'as') as renamed,
    (array_agg(token order by place desc))[1] as last_token,
    case when bool_or(word = 'as') or count(*) filter (where word not in ('select', 'distinct', 'all', ',')) = 1
      then (array_agg(name order by place desc))[1] end as name
  from own
  group by family, depth, arm, item
),
named as (
  select *, first_value(name) over (partition by family, depth, item order by arm) as wanted
  from items
  where not exists (select from items as other where (other.family, other.depth, other.last_token) = (items.family, items.depth, '*'))
),
changes as (
  select ends, case when renamed then '' else last_token || ' AS ' end || quote_ident(wanted) as instead from named where name is distinct
    from wanted and wanted is not null
)
select string_agg(coalesce(instead, token), '' order by place) from tokens left join changes on ends = place having count(instead) > 0
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_arms(query text)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
