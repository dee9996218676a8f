{#- Whether a name means a row of `known`, stream tables joined with models: a model's name, a table's with its schema, or
    a table's alone where no model is called so. For a query that has the CTE models. -#}
{% macro pgtrickle__is_named(name) -%}
({{ name }} = model or {{ name }} = subject or ({{ name }} = table_name and not exists (select from models where model = {{ name }})))
{%- endmacro %}
