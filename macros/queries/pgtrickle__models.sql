{#- dbt's stream-table models as rows, out of a JSON array (null: not known, no rows). -#}
{% macro pgtrickle__models(managed) -%}
select model, schema_name, table_name, coalesce(paused, false) as paused, warn_seconds, error_seconds,
  replace(upper(refresh_mode), 'INCREMENTAL', 'DIFFERENTIAL') as requested_mode
from jsonb_to_recordset(coalesce({{ managed }}::jsonb, '[]'::jsonb)) as listed(
  model text, schema_name text, table_name text, paused boolean,
  warn_seconds double precision, error_seconds double precision, refresh_mode text
)
{%- endmacro %}
