{#- dbt's CREATE SCHEMA IF NOT EXISTS, one session at a time: PostgreSQL fails the second of two that find none. dbt v2 comes here before
    PGT015 says what a project with the package lacks. -#}
{% macro postgres__create_schema(relation) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not dbt_version.startswith('1.') and pgtrickle__alone is undefined -%}
    {{ return(dbt.postgres__create_schema(relation)) }}
  {%- endif -%}
  {%- if relation.database -%}{%- do adapter.verify_database(relation.database) -%}{%- endif -%}
  {% call statement('create_schema') -%}
    {{ context.pgtrickle__alone('create schema if not exists ' ~ relation.without_identifier().include(database=false)) }}
  {%- endcall %}
{% endmacro %}
