{#- What dbt compares a snapshot with, without what pg_trickle keeps for itself in a stream table. -#}
{% macro postgres__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{ return(dbt.default__snapshot_staging_table(strategy, context.pgtrickle__without_own(source_sql), target_relation)) }}
{%- endmacro %}
