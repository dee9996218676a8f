{% macro pgtrickle_alter_stream_table(name, schedule, refresh_mode, status=none, current_info=none, query=none, cdc_mode=none, fuse=none,
    fuse_ceiling=none, fuse_sensitivity=none, append_only=none, max_differential_joins=none, max_delta_fraction=none) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__deploy(name, query, context.pgtrickle__given({
      'schedule': schedule, 'refresh_mode': refresh_mode, 'status': status, 'cdc_mode': cdc_mode, 'fuse': fuse,
      'fuse_ceiling': fuse_ceiling, 'fuse_sensitivity': fuse_sensitivity, 'append_only': append_only,
      'max_differential_joins': max_differential_joins, 'max_delta_fraction': max_delta_fraction}), 'existing') -%}
  {%- endif -%}
{% endmacro %}
