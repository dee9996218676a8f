{#- dbt's rename, but for what is in the way of a relation that is made anew under dbt v2. -#}
{% macro postgres__rename_relation(from_relation, to_relation) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not context.pgtrickle__is_v2() or not context.pgtrickle__swap(from_relation) -%}
    {{ return(dbt.default__rename_relation(from_relation, to_relation)) }}
  {%- endif -%}
{%- endmacro %}
