{#- Where stream_table_name or stream_table_schema put a stream table elsewhere than where dbt looks for the model: makes
    the schema, and warns with PGT009, since ref() doesn't find it. That is so in a project that has these macros as a
    package and doesn't say that dbt shall ask the package for names.
    here: dbt's relation of the model; target_relation: the stream table's. -#}
{% macro pgtrickle__ensure_place(model, here, target_relation) %}
  {% if here.schema == target_relation.schema and here.identifier == target_relation.identifier %}{% do return('') %}{% endif %}
  {% do pgtrickle__warn('PGT009', model.name, 'its stream table is ' ~ target_relation.schema ~ '.' ~ target_relation.identifier
      ~ ', but ref() gives ' ~ here.schema ~ '.' ~ here.identifier ~ '.',
      "Say in dbt_project.yml: dispatch: [{macro_namespace: dbt, search_order: [" ~ project_name ~ ", dbt_pgtrickle, dbt]}]") %}
  {% if not adapter.check_schema_exists(target_relation.database, target_relation.schema) %}
    {% do pgtrickle__lock() %}
    {% do adapter.create_schema(target_relation) %}
  {% endif %}
{% endmacro %}
