{#- The stream tables that a check covers, as pgt_id: this project's and, of whomever they are, those that they read.

    managed: dbt's models as JSON; null, which ones are the project's isn't known: all. everything: all as well. -#}
{% macro pgtrickle__covered(managed='null', everything='false') -%}
with recursive own as (
  select entry.pgt_id
  from pgtrickle.pgt_stream_tables entry
  left join pg_catalog.pg_class storage on storage.oid = entry.pgt_relid
  left join pg_catalog.pg_namespace namespace on namespace.oid = storage.relnamespace
  join (
    {{ pgtrickle__models(managed) }}
  ) as models
    on models.schema_name = coalesce(namespace.nspname::text, entry.pgt_schema)
    and models.table_name = coalesce(storage.relname::text, entry.pgt_name)
),
needed as (
  select pgt_id from own
  union
  select upstream.pgt_id
  from needed
  join pgtrickle.pgt_dependencies dependency using (pgt_id)
  join pgtrickle.pgt_stream_tables upstream on upstream.pgt_relid = dependency.source_relid
)
select pgt_id
from pgtrickle.pgt_stream_tables
where {{ managed }}::jsonb is null or {{ everything }}::boolean or pgt_id in (select pgt_id from needed)
{%- endmacro %}
