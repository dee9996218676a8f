{#- Runs the statement of a plan, reports what was lost on the way, gives the catalog's state afterwards; where `told` in it says `taken`,
    nothing was done. -#}
{% macro pgtrickle__carry_out(plan, model, relation, state, statement_name) %}
  {% set trimmings = [] %}
  {% if state.stream_table and plan.action in ['create', 'replace', 'alter_query', 'rebind'] %}
    {% set trimmings = pgtrickle__query_json('select ' ~ pgtrickle__trimmings_expression(state.relation.oid) ~ '::text') %}
  {% endif %}
  {% set dependents = pgtrickle__dependents(state.relation.oid, definitions=true) if plan.dependents else [] %}
  {% set is_plain = pgtrickle__is_new(plan, state) and not (model.config.get('indexes') or model.config.get('persist_docs')
      or pgtrickle__is_v2()) %}
  {% call statement(statement_name, fetch_result=is_plain) -%}
    {{ pgtrickle__main_sql(plan, relation, plan.given, plan.settings, state, dependents, trimmings) }}
    {%- if is_plain %};
select {{ pgtrickle__answered() }} as answer
    {%- endif %}
  {%- endcall %}
  {% set after = pgtrickle__new_state(state, fromjson(load_result(statement_name).table.columns[0].values()[0])) if is_plain
      else pgtrickle__describe(relation, model) %}
  {% if after.told.taken %}{% do return(after) %}{% endif %}
  {% do pgtrickle__report_lost(model, dependents, after.told.lost) %}
  {% do return(after) %}
{% endmacro %}

{#- The state after a stream table was made in nothing's place: what was described before, and what the statement told of it. -#}
{% macro pgtrickle__new_state(state, told) %}
  {% do return(dict(state, told=told, stream_table=told.entry, partitions=told.partitions, sources=[{'name': none}] if told.gone else [],
    record=none)) %}
{% endmacro %}
