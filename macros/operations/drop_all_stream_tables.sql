{#- Drop the project's stream tables, in whatever schema they are. -#}
{% macro drop_all_stream_tables() %}
  {%- if execute -%}
    {%- do pgtrickle__require_catalog() -%}
    {%- do pgtrickle__drop_all(pgtrickle__drop_plan(managed=pgtrickle__literal(pgtrickle__managed()))) -%}
  {%- endif -%}
{% endmacro %}
