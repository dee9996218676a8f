{% test stream_table_healthy(model, warn_seconds=none, error_seconds=none) %}
{{ config(fail_calc='coalesce(sum(failures), 0)', warn_if='< 0', error_if='> 0') }}
{%- if execute %}
{%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined %}
{%- do context.pgtrickle__require_catalog() %}
{%- set arguments = {
  'managed': context.pgtrickle__literal(context.pgtrickle__managed()),
  'model_name': context.pgtrickle__literal(model.schema ~ '.' ~ model.identifier),
  'warn_seconds': context.pgtrickle__limit('warn_seconds', warn_seconds),
  'error_seconds': context.pgtrickle__limit('error_seconds', error_seconds),
  'everything': 'false'
} %}
{%- set problems = [] %}
{%- for row in context.pgtrickle__freshness_rows(**arguments) if row.verdict != 'ok' %}
  {%- do problems.append(dict(row, stream_table=row.subject, count=1, example=none)) %}
{%- endfor %}
{{ context.pgtrickle__test_rows(problems) }}
{%- endif %}
{% endtest %}
