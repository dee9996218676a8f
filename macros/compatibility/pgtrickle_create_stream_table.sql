{% macro pgtrickle_create_stream_table(name, query, schedule, refresh_mode, initialize, cdc_mode=none, partition_by=none, append_only=false,
    temporal=false, storage_backend=none, diamond_consistency=none, diamond_schedule_policy=none, pooler_compatibility_mode=false,
    max_differential_joins=none, max_delta_fraction=none, output_distribution_column=none) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- set given = context.pgtrickle__given({
      'refresh_mode': refresh_mode, 'initialize': initialize, 'cdc_mode': cdc_mode, 'partition_by': partition_by,
      'append_only': append_only, 'temporal': temporal, 'storage_backend': storage_backend,
      'diamond_consistency': diamond_consistency, 'diamond_schedule_policy': diamond_schedule_policy,
      'pooler_compatibility_mode': pooler_compatibility_mode, 'max_differential_joins': max_differential_joins,
      'max_delta_fraction': max_delta_fraction, 'output_distribution_column': output_distribution_column}) -%}
    {%- do given.update({'schedule': schedule}) -%}
    {%- do context.pgtrickle__deploy(name, query, given, 'new') -%}
  {%- endif -%}
{% endmacro %}
