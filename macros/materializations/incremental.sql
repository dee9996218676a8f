{#- dbt's incremental; a stream table of that name goes first: it refuses the INSERT, and would leave its triggers. -#}
{% materialization incremental, adapter='postgres' %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {#- dbt v2 has not dropped it yet, and makes the table as a first run does -#}
  {%- if context.pgtrickle__clear_stream_table(this, renames=should_full_refresh()) is sameas true -%}
    {{ return(materialization_table_default()) }}
  {%- endif -%}
  {{ return(materialization_incremental_default()) }}
{% endmaterialization %}
