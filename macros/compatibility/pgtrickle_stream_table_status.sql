{% macro pgtrickle_stream_table_status(name, warn_seconds=300) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- set answer = {'status': 'not_found', 'staleness_seconds': none, 'consecutive_errors': 0, 'last_refresh_at': none,
      'total_refreshes': 0,
                    'is_populated': false, 'refresh_mode': none, 'cdc_paused': false, 'force_full': false, 'is_drained': false} -%}
  {%- if execute -%}{%- do answer.update(context.pgtrickle__health(name, warn_seconds)) -%}{%- endif -%}
  {{- return(answer) -}}
{% endmacro %}
