{#- What to refresh, in order: what was asked for and, unless only is true, everything upstream of it. What can't
    be refreshed has a verdict that says why.

    managed: dbt's models as JSON (null: not known). names: a JSON array of models or stream tables; null for all of
    dbt's, or of the catalog when they aren't known. schema_name: only those in it. -#}
{% macro pgtrickle__refresh_plan(managed='null', names='null', schema_name='null', only='false') -%}
with recursive
{{ pgtrickle__known(managed) }},
levels as (
  {{ pgtrickle__levels() }}
),
judged as (
  select *, {{ pgtrickle__obstacle() }} as obstacle from known
),
names as (
  select jsonb_array_elements_text({{ names }}::jsonb) as name
),
asked as (
  select judged.*, names.name
  from judged
  left join names on {{ pgtrickle__is_named('names.name') }}
  where ({{ schema_name }}::text is null or schema_name = {{ schema_name }}::text)
    and case
      when {{ names }}::jsonb is not null then names.name is not null
      when {{ managed }}::jsonb is not null then model is not null
      else true
    end
),
edges as (
  select dependency.pgt_id, upstream.pgt_id as upstream_id
  from pgtrickle.pgt_dependencies dependency
  join tables upstream on upstream.pgt_relid = dependency.source_relid
),
needed as (
  select pgt_id from asked where pgt_id is not null
  union
  select edges.upstream_id
  from needed
  join edges using (pgt_id)
  where not {{ only }}::boolean
),
plan as (
  select
    judged.subject,
    judged.call_name,
    judged.owner,
    judged.is_ours,
    levels.level,
    judged.status,
    judged.refresh_mode,
    judged.last_refresh_at,
    judged.pgt_id in (select pgt_id from asked) as asked,
    array(
      select upstream.subject from edges join judged upstream on upstream.pgt_id = edges.upstream_id
      where edges.pgt_id = judged.pgt_id
    ) as upstream,
    case
      when obstacle in ('suspended', 'paused', 'fuse_blown') then 'suspended'
      when obstacle <> 'never_populated' then 'failed'
      when refresh_mode = 'IMMEDIATE' and is_populated and needs_reinit is not true
        and not ({{ names }}::jsonb is not null and pgt_id in (select pgt_id from asked)) then 'current'
    end as outcome,
    case
      when obstacle <> 'never_populated' then {{ pgtrickle__obstacle_cause('obstacle') }}
      when refresh_mode = 'IMMEDIATE' then 'always current'
      else ''
    end as cause,
    case when obstacle <> 'never_populated' then {{ pgtrickle__obstacle_remedy('obstacle') }} else '' end as remedy
  from judged
  join needed using (pgt_id)
  join levels using (pgt_id)
)
select
  subject, call_name, owner, is_ours, level, status, refresh_mode, last_refresh_at, asked, upstream,
  coalesce(outcome, '') as outcome, cause, remedy
from plan
union all
select
  subject, '', null, true, 0, null, null, null, true, array[]::text[], 'failed',
  {{ pgtrickle__obstacle_cause('obstacle') }}, {{ pgtrickle__obstacle_remedy('obstacle') }}
from asked where pgt_id is null
union all
select
  name, '', null, true, 0, null, null, null, true, array[]::text[], 'failed', 'no model and no stream table has this name',
  '{{ pgtrickle__names_remedy() }}'
from names where name not in (select name from asked where name is not null)
order by level, subject
{%- endmacro %}
