{#- Runs the statement of a plan, reports what was lost on the way, gives the catalog's state afterwards. -#}
{% macro pgtrickle__carry_out(plan, model, relation, query, settings, state, statement_name) %}
  {% set dependents, trimmings = [], [] %}
  {% if state.relation and plan.action in ['create', 'replace', 'alter_query', 'rebind'] %}
    {% set dependents = pgtrickle__dependents(state.relation.oid) %}
    {% if plan.action in ['create', 'replace'] %}
      {% do pgtrickle__guard_replace(model, plan, dependents) %}
    {% endif %}
    {% if state.stream_table %}
      {% set trimmings = pgtrickle__query_json('select ' ~ pgtrickle__trimmings_expression(state.relation.oid) ~ '::text') %}
    {% endif %}
  {% endif %}
  {% call statement(statement_name) %}{{ pgtrickle__main_sql(plan, relation, query, settings, state, dependents, trimmings) }}{% endcall %}
  {% if dependents %}
    {% do pgtrickle__report_lost(model, dependents, pgtrickle__query_json("select coalesce(nullif(current_setting('dbt_pgtrickle.lost', true), ''), '[]')")) %}
  {% endif %}
  {% do return(pgtrickle__describe(relation, model)) %}
{% endmacro %}
