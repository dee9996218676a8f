{% macro pgtrickle_operational_status() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute -%}
    {{- return({'scheduler_running': false, 'is_drained': false, 'cdc_paused': false, 'force_full': false, 'backpressure_active': false,
        'enabled': false}) -}}
  {%- endif -%}
  {%- do context.pgtrickle__require_catalog() -%}
  {%- set status = context.pgtrickle__rows("
    select scheduler.running as scheduler_running, scheduler.enabled,
      coalesce(current_setting('pg_trickle.cdc_paused', true), 'off') = 'on' as cdc_paused,
      coalesce(current_setting('pg_trickle.force_full_refresh', true), 'off') = 'on' as force_full,
      coalesce(current_setting('pg_trickle.enforce_backpressure', true), 'off') = 'on' as backpressure_active
    from (" ~ context.pgtrickle__scheduler() ~ ') scheduler')[0] -%}
  {%- do status.update({'is_drained': context.pgtrickle__is_drained()}) -%}
  {{- return(status) -}}
{% endmacro %}
