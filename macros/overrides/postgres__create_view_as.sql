{#- dbt's view of what dbt sees of a stream table: `*` takes none of the columns that pg_trickle keeps for itself along. -#}
{% macro postgres__create_view_as(relation, sql) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{ dbt.default__create_view_as(relation, context.pgtrickle__hide_own(model, sql)) }}
{%- endmacro %}
