{#- The refusal, as [code, problem, remedy], where PostgreSQL doesn't take a model's query (PGT020), or where this role lacks a right that the
    work needs (PGT013, PGT014); else none. -#}
{% macro pgtrickle__check_query(query, relation, state) %}
  {% set comparison = pgtrickle__compare_queries(query) %}
  {% if comparison.get('error') %}
    {% do return(['PGT020', 'PostgreSQL refuses the query: ' ~ comparison.error ~ '.', 'Correct the model' ~ ('; the stream table is as it was.' if state.stream_table else '.')]) %}
  {% endif %}
  {% do return(pgtrickle__check_privileges(relation, state, comparison.get('sources'))) %}
{% endmacro %}
