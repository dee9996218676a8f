{#- Refresh one stream table now, what it reads from first.

    model_name: a model or a stream table. schema: where it is, if several have that name. -#}
{% macro pgtrickle_refresh(model_name, schema=none) %}
  {%- if execute -%}
    {%- do pgtrickle__require_catalog() -%}
    {%- set name = schema ~ '.' ~ model_name if schema and '.' not in model_name else model_name -%}
    {%- set models = fromjson(pgtrickle__managed()) | selectattr('model', 'equalto', model_name) | list -%}
    {%- if schema and models -%}
      {%- set name = schema ~ '.' ~ models[0].table_name -%}
    {%- endif -%}
    {%- do pgtrickle__refresh(pgtrickle__refresh_plan(
      managed=pgtrickle__literal(pgtrickle__managed()), names=pgtrickle__literal(tojson([name])))) -%}
  {%- endif -%}
{% endmacro %}
