{#- dbt's table, while nobody changes what it reads: it holds its parents until it takes the place of the old table, which is in the way
    of whoever drops or alters one of them. Tables are still filled side by side. `*` of a stream table is what dbt sees of it. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not temporary %}{{ context.pgtrickle__lock_sql(shared=true) }};{% endif %}
  {{ dbt.postgres__create_table_as(temporary, relation, context.pgtrickle__hide_own(model, sql)) }}
{%- endmacro %}
