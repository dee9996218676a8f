{#- The refusal, as [code, problem, remedy], where PostgreSQL doesn't take a model's query (PGT020), where it has columns of pg_trickle's
    own (PGT026), or where this role lacks a right that the work needs (PGT013, PGT014); else none. -#}
{% macro pgtrickle__check_query(query, relation, state) %}
  {% set comparison = pgtrickle__compare_queries(query) %}
  {% if comparison.get('error') %}
    {% do return(['PGT020', 'PostgreSQL refuses the query: ' ~ comparison.error ~ '.', 'Correct the model' ~ ('; the stream table is as it was.' if state.stream_table else '.')]) %}
  {% endif %}
  {% set own = [] %}
  {% for column in comparison.get('columns') or [] if column.name.startswith('__pgt_') %}{% do own.append(column.name) %}{% endfor %}
  {% if own %}
    {% do return(['PGT026', 'it takes along what pg_trickle keeps for itself in the stream tables that it reads: ' ~ own | join(', ') ~ '.',
        'Name the columns, or write pgtrickle_star(ref(…)) in the place of *.']) %}
  {% endif %}
  {% do return(pgtrickle__check_privileges(relation, state, comparison.get('sources'))) %}
{% endmacro %}
