{#- The stream tables that names mean, one row each: what it is, what keeps it from being refreshed, what reads it, directly
    or not. A name that means none has a row with cause and remedy alone.

    managed: dbt's models as JSON (null: not known). names: a JSON array of models or stream tables. -#}
{% macro pgtrickle__named(managed='null', names='null') -%}
with recursive
{{ pgtrickle__known(managed) }},
names as (
  select jsonb_array_elements_text({{ names }}::jsonb) as name
),
asked as (
  select distinct on (known.subject) names.name, known.*, {{ pgtrickle__obstacle() }} as reason
  from names
  join known on {{ pgtrickle__is_named('names.name') }}
),
readers as (
  select asked.pgt_id, dependency.pgt_id as reader_id
  from asked
  join pgtrickle.pgt_dependencies dependency on dependency.source_relid = asked.pgt_relid
  union
  select readers.pgt_id, dependency.pgt_id
  from readers
  join tables reader on reader.pgt_id = readers.reader_id
  join pgtrickle.pgt_dependencies dependency on dependency.source_relid = reader.pgt_relid
)
select
  subject, coalesce(model, subject) as handle, pgt_id, coalesce(call_name, '') as call_name, owner, status, refresh_mode,
  coalesce(paused, false) as paused_by_model,
  coalesce(refresh_tier = 'frozen', false) as frozen,
  array(
    select distinct reader.schema_name || '.' || reader.table_name
    from readers
    join tables reader on reader.pgt_id = readers.reader_id
    where readers.pgt_id = asked.pgt_id
    order by 1
  ) as readers,
  coalesce(reason, '') as reason,
  coalesce({{ pgtrickle__obstacle_cause() }}, '') as cause,
  coalesce({{ pgtrickle__obstacle_remedy() }}, '') as remedy
from asked
union all
select name, name, null, '', null, null, null, false, false, array[]::text[], 'not_found',
  'no model and no stream table has this name', '{{ pgtrickle__names_remedy() }}'
from names where name not in (select name from asked)
order by subject
{%- endmacro %}
