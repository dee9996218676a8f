{#- dbt's table; a stream table of that name goes first, with its triggers and its catalog row, so that nothing of it is
    left behind. -#}
{% materialization table, adapter='postgres' %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- do context.pgtrickle__clear_stream_table(this, renames=true) -%}
  {{ return(materialization_table_default()) }}
{% endmaterialization %}
