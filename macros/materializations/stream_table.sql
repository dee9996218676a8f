{#- materialized='stream_table': a table that pg_trickle keeps fresh.
    First this package's macros are made visible: from a model of another package dbt finds them only with a prefix, which
    they don't have where they are bundled in a project. Every macro that users call themselves begins so. (2.0.0a4's context can't be
    updated, and takes any name for a macro; dbt v2 finds what the root project has.) -#}
{% materialization stream_table, adapter='postgres' %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not dbt_version.startswith('1.') and pgtrickle__stream_table is undefined -%}
    {{ exceptions.raise_compiler_error('[PGT015] dbt v2 looks up the macros of a package in the root project, and finds none there.\n  '
      ~ 'Say in dbt_project.yml: macro-paths: [macros, dbt_packages/dbt_pgtrickle/macros]') }}
  {%- endif -%}
  {{ return(context.pgtrickle__stream_table()) }}
{% endmaterialization %}
