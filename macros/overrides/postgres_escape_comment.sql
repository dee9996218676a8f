{#- dbt's comment as a literal; dbt v2 drops one with an odd number of ' without a sign where it is dollar-quoted. -#}
{% macro postgres_escape_comment(comment) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{ context.pgtrickle__literal(comment) }}
{%- endmacro %}
