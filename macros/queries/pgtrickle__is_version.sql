{#- SQL condition: a schema is one that `invoke deploy` made: what is being built beside production, or a version kept for
    `invoke rollback`. Its comment says so (tasklib/tasks/deploy/versions.py). name: SQL, the schema's. -#}
{% macro pgtrickle__is_version(name) -%}
exists (
  select from pg_catalog.pg_namespace
  cross join lateral pg_catalog.obj_description(oid, 'pg_namespace') as said
  where nspname = {{ name }} and case when said is json object then jsonb_exists(said::jsonb, 'dbt_pgtrickle') end
)
{%- endmacro %}
