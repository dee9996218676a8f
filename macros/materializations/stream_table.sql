{#- materialized='stream_table': a table that pg_trickle keeps fresh.
    First this package's macros are made visible: from a model of another package dbt finds them only with a prefix, which
    they don't have where they are bundled in a project. Every macro that users call themselves begins so. -#}
{% materialization stream_table, adapter='postgres' %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) -%}
  {{ return(context.pgtrickle__stream_table()) }}
{% endmaterialization %}
