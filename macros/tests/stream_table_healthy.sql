{#- Fails when the freshness of a stream table is an error, warns when it is a warning: the verdict of
    pgtrickle_check_freshness, which also says what its limits mean. -#}
{% test stream_table_healthy(model, warn_seconds=none, error_seconds=none) %}
{{ config(fail_calc="coalesce(sum(case verdict when 'error' then 1000 else 1 end), 0)", warn_if='> 0', error_if='>= 1000') }}
{%- if execute %}
{%- do pgtrickle__require_catalog() %}
select verdict, subject, cause, remedy
from (
{{ pgtrickle__freshness(
  managed=pgtrickle__literal(pgtrickle__managed()),
  model_name=pgtrickle__literal(model.schema ~ '.' ~ model.identifier),
  warn_seconds=pgtrickle__literal(warn_seconds),
  error_seconds=pgtrickle__literal(error_seconds)
) }}
) as answer
where verdict <> 'ok'
{%- endif %}
{% endtest %}
