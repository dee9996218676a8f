{#- The stream tables that dbt once built for a model of this project, in this place, and that no node makes any more: they
    are refreshed for ever. By what dbt remembers of each (pgtrickle__record); what it remembers nothing of isn't ours.

    project: dbt's name of it; target: the schema of its target, since others may build the same project beside it; built: JSON, the
    relations that its nodes make: [{schema_name, table_name}]. -#}
{% macro pgtrickle__orphans(project, target, built) -%}
with tables as (
  {{ pgtrickle__tables() }}
),
built as (
  select schema_name, table_name
  from jsonb_to_recordset({{ built }}::jsonb) as node (schema_name text, table_name text)
),
orphans as (
  select tables.*, record ->> 'model' as unique_id
  from tables
  join (
    {{ pgtrickle__records() }}
  ) as remembered using (pgt_id)
  where record ->> 'model' is not null
    and coalesce(record ->> 'project', split_part(record ->> 'model', '.', 2)) = {{ project }}
    and (coalesce(record ->> 'target', schema_name) = {{ target }} or schema_name in (select schema_name from built))
    and (schema_name, table_name) not in (select schema_name, table_name from built)
    -- what `invoke rollback` goes back to, or `invoke deploy` is about to put there
    and not {{ pgtrickle__is_version('schema_name') }}
)
select
  pgt_id, schema_name, table_name, schema_name || '.' || table_name as subject, unique_id,
  array(
    select reader.schema_name || '.' || reader.table_name
    from pgtrickle.pgt_dependencies dependency
    join tables reader using (pgt_id)
    where dependency.source_relid = orphans.pgt_relid and reader.pgt_relid is not null
    order by 1
  ) as readers
from orphans
order by subject
{%- endmacro %}
