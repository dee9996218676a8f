{#- The health of one stream table as a dict: status (healthy, stale, erroring, paused, drained, not_found),
    staleness_seconds, consecutive_errors, last_refresh_at, total_refreshes, is_populated, refresh_mode, cdc_paused,
    force_full, is_drained. The verdict is that of pgtrickle_check_freshness.

    name: schema.name, or bare: a model's, or one in the target's schema. warn_seconds: stale from this age on. -#}
{% macro pgtrickle_stream_table_status(name, warn_seconds=300) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- set answer = {'status': 'not_found', 'staleness_seconds': none, 'consecutive_errors': 0, 'last_refresh_at': none,
      'total_refreshes': 0,
                    'is_populated': false, 'refresh_mode': none, 'cdc_paused': false, 'force_full': false, 'is_drained': false} -%}
  {%- if execute -%}{%- do answer.update(context.pgtrickle__health(name, warn_seconds)) -%}{%- endif -%}
  {{- return(answer) -}}
{% endmacro %}
