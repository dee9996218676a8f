{#- dbt's first filling of a snapshot, without what pg_trickle keeps for itself in a stream table. -#}
{% macro postgres__build_snapshot_table(strategy, sql) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{ return(dbt.default__build_snapshot_table(strategy, context.pgtrickle__without_own(sql))) }}
{% endmacro %}
