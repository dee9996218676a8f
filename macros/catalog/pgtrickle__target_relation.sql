{#- Where a model's stream table lives: stream_table_schema and stream_table_name (upstream's names) win over dbt's. -#}
{% macro pgtrickle__target_relation(relation, model) %}
  {% do return(api.Relation.create(
    database=relation.database,
    schema=pgtrickle__config(model, 'stream_table_schema') or relation.schema,
    identifier=pgtrickle__config(model, 'stream_table_name') or relation.identifier,
    type='table')) %}
{% endmacro %}
