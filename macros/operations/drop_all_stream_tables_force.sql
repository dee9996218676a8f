{#- Drop every stream table in the catalog, whoever made it. -#}
{% macro drop_all_stream_tables_force() %}
  {%- if execute -%}
    {%- do pgtrickle__require_catalog() -%}
    {%- do pgtrickle__drop_all(pgtrickle__drop_plan()) -%}
  {%- endif -%}
{% endmacro %}
