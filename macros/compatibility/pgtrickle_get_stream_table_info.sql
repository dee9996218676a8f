{% macro pgtrickle_get_stream_table_info(name) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute -%}{{- return(none) -}}{%- endif -%}
  {%- set entry = context.pgtrickle__entry(name) -%}
  {%- if entry is none -%}{{- return(none) -}}{%- endif -%}
  {%- set info = {'requested_cdc_mode': none, 'fuse_mode': none, 'fuse_ceiling': none, 'fuse_sensitivity': none,
      'st_partition_key': none} -%}
  {%- do info.update(entry) -%}
  {%- do info.update({'fuse_mode': info.fuse_mode or 'off'}) -%}
  {{- return(info) -}}
{% endmacro %}
