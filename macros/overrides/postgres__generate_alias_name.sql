{#- dbt's rule for a relation's name, with stream_table_name (upstream's key) in front, so that ref() finds the table. -#}
{% macro postgres__generate_alias_name(custom_alias_name=none, node=none) -%}
  {%- set given = (node.config.get('stream_table_name') or (node.config.get('meta') or {}).get('stream_table_name')) if node is not none
      and node.resource_type == 'model' -%}
  {{ return(given or default__generate_alias_name(custom_alias_name, node)) }}
{%- endmacro %}
