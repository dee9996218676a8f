{#- SQL, the rows (schema, name) of relations. relations: from pgtrickle__parents. -#}
{% macro pgtrickle__parent_rows(relations) -%}
select * from (values {% for relation in relations %}({{ pgtrickle__literal(relation.schema) }}, {{ pgtrickle__literal(relation.name) }}),
  {% endfor %}(null, null)) as named (schema, name) where name is not null
{%- endmacro %}
