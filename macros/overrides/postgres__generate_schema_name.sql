{#- dbt's rule for a relation's schema, with stream_table_schema (upstream's key) in front, so that ref() finds the table. -#}
{% macro postgres__generate_schema_name(custom_schema_name, node) -%}
  {%- set given = (node.config.get('stream_table_schema') or (node.config.get('meta') or {}).get('stream_table_schema')) if node is not none
      and node.resource_type == 'model' -%}
  {{ return(given or default__generate_schema_name(custom_schema_name, node)) }}
{%- endmacro %}
