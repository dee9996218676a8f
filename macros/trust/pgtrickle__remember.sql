{#- Writes what pgtrickle__record reads. relation: the stream table's. -#}
{% macro pgtrickle__remember(relation, record) %}
  {% call statement('pgtrickle_remember') -%}
    comment on column {{ relation.include(database=false) }}.__pgt_row_id is {{ pgtrickle__literal(tojson(record)) | trim }}
  {%- endcall %}
{% endmacro %}
