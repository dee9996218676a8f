{#- Fails where PostgreSQL refuses a model's query (PGT020), or where this role lacks a right that the work needs (PGT013, PGT014). -#}
{% macro pgtrickle__check_query(model, query, relation, state) %}
  {% set comparison = pgtrickle__compare_queries(query) %}
  {% if comparison.get('error') %}
    {% do pgtrickle__fail('PGT020', model.name, 'PostgreSQL refuses the query: ' ~ comparison.error ~ '.', 'Correct the model' ~ ('; the stream table is as it was.' if state.stream_table else '.')) %}
  {% endif %}
  {% do pgtrickle__check_privileges(model.name, relation, state, comparison.get('sources')) %}
{% endmacro %}
