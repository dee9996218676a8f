{#- Fails when the freshness of a stream table is an error, warns when it is a warning: the verdict of
    pgtrickle_check_freshness, which also says what its limits mean. -#}
{% test stream_table_healthy(model, warn_seconds=none, error_seconds=none) %}
{{ config(fail_calc="coalesce(sum(case verdict when 'error' then 1000 else 1 end), 0)", warn_if='> 0', error_if='>= 1000') }}
{%- if execute %}
{%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) %}
{%- do context.pgtrickle__require_catalog() %}
select verdict, subject, cause, remedy
from (
{{ context.pgtrickle__freshness(
  managed=context.pgtrickle__literal(context.pgtrickle__managed()),
  model_name=context.pgtrickle__literal(model.schema ~ '.' ~ model.identifier),
  warn_seconds=context.pgtrickle__literal(warn_seconds),
  error_seconds=context.pgtrickle__literal(error_seconds)
) }}
) as answer
where verdict <> 'ok'
{%- endif %}
{% endtest %}
