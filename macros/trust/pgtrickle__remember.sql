{#- Writes what pgtrickle__record reads. relation: the stream table's; record: from pgtrickle__next_record, or none, which does nothing. -#}
{% macro pgtrickle__remember(relation, record) %}
  {% if record %}
    {% call statement('pgtrickle_remember') %}{{ pgtrickle__record_comment(relation, record) }}{% endcall %}
  {% endif %}
{% endmacro %}

{#- The same as SQL. -#}
{% macro pgtrickle__record_comment(relation, record) -%}
comment on column {{ relation.include(database=false) }}.__pgt_row_id is {{ pgtrickle__literal(tojson(record)) | trim }}
{%- endmacro %}
