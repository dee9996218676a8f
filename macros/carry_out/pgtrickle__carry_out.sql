{#- Runs the statement of a plan, reports what was lost on the way, gives the catalog's state afterwards. -#}
{% macro pgtrickle__carry_out(plan, model, relation, state, statement_name) %}
  {% set trimmings = [] %}
  {% if state.stream_table and plan.action in ['create', 'replace', 'alter_query', 'rebind'] %}
    {% set trimmings = pgtrickle__query_json('select ' ~ pgtrickle__trimmings_expression(state.relation.oid) ~ '::text') %}
  {% endif %}
  {% set dependents = pgtrickle__dependents(state.relation.oid, definitions=true) if plan.dependents else [] %}
  {% call statement(statement_name) %}{{ pgtrickle__main_sql(plan, relation, plan.given, plan.settings, state, dependents,
      trimmings) }}{% endcall %}
  {% set after = pgtrickle__describe(relation, model) %}
  {% do pgtrickle__report_lost(model, dependents, after.told.lost) %}
  {% do return(after) %}
{% endmacro %}
