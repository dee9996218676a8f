{#- Makes the schema where stream_table_schema puts a stream table elsewhere than where dbt looks for the model.
    here: dbt's relation of the model; target_relation: the stream table's. -#}
{% macro pgtrickle__ensure_place(here, target_relation) %}
  {% if here.schema != target_relation.schema and not adapter.check_schema_exists(target_relation.database, target_relation.schema) %}
    {% do pgtrickle__lock() %}
    {% do adapter.create_schema(target_relation) %}
  {% endif %}
{% endmacro %}
