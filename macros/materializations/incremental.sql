{#- dbt's incremental; a stream table of that name goes first: it refuses the INSERT, and would leave its triggers. -#}
{% materialization incremental, adapter='postgres' %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) -%}
  {%- do context.pgtrickle__clear_stream_table(this, renames=should_full_refresh()) -%}
  {{ return(materialization_incremental_default()) }}
{% endmaterialization %}
