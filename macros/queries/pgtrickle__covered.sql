{#- The stream tables that a check covers, as pgt_id: this project's and, of whomever they are, those that they read.

    managed: dbt's models as JSON; null, which ones are the project's isn't known: all. everything: all as well. -#}
{% macro pgtrickle__covered(managed='null', everything='false') -%}
with recursive placed as (
  {{ pgtrickle__entries() }}
),
own as (
  select pgt_id
  from placed
  join (
    {{ pgtrickle__models(managed) }}
  ) as models using (schema_name, table_name)
),
needed as (
  select pgt_id from own
  union
  select upstream.pgt_id
  from needed
  join pgtrickle.pgt_dependencies dependency using (pgt_id)
  join placed upstream on upstream.relid = dependency.source_relid
)
select pgt_id
from pgtrickle.pgt_stream_tables
where {{ managed }}::jsonb is null or {{ everything }}::boolean or pgt_id in (select pgt_id from needed)
{%- endmacro %}
