{% macro pgtrickle_refresh(model_name, schema=none) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- if model_name is not defined or model_name is not string -%}
      {%- do exceptions.raise_compiler_error('pgtrickle_refresh is given no name of a model.\n'
        ~ "  Write it as: dbt run-operation pgtrickle_refresh --args '{model_name: NAME}'") -%}
    {%- endif -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- set name = schema ~ '.' ~ model_name if schema and '.' not in model_name else model_name -%}
    {%- set models = fromjson(context.pgtrickle__managed()) | selectattr('model', 'equalto', model_name) | list -%}
    {%- if schema and models -%}
      {%- set name = schema ~ '.' ~ models[0].table_name -%}
    {%- endif -%}
    {%- do context.pgtrickle__refresh(context.pgtrickle__refresh_plan(
      managed=context.pgtrickle__literal(context.pgtrickle__managed()), names=context.pgtrickle__literal(tojson([name])))) -%}
  {%- endif -%}
{% endmacro %}
