{#- Decides and does, inside the open transaction. Gives {plan, state: the catalog afterwards}. -#}
{% macro pgtrickle__apply(model, relation, query, settings, full_refresh) %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set plan = pgtrickle__decide(model, query, settings, state, full_refresh) %}
  {% if plan.action == 'unchanged' %}
    {% do pgtrickle__say(model, plan) %}
    {% call noop_statement('main', message=pgtrickle__outcome(plan), code='UNCHANGED', rows_affected='-1') %}-- {{ relation }} is what the model says
    {% endcall %}
    {% do return({'plan': plan, 'state': state}) %}
  {% endif %}

  {# another session may have done it while this one waited #}
  {% do pgtrickle__lock() %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set plan = pgtrickle__decide(model, query, settings, state, full_refresh) %}
  {% set unsupported = pgtrickle__unsupported(settings, state.functions) %}
  {% if unsupported %}
    {% do plan.warnings.append(['PGT006', state.extension ~ " doesn't have " ~ unsupported | join(', ') ~ '; left out.', 'Upgrade pg_trickle, or remove it from the model.']) %}
  {% endif %}
  {% if plan.changes and pgtrickle__option(model, 'on_configuration_change') == 'fail' and plan.action != 'unchanged' and not full_refresh %}
    {% do pgtrickle__fail('PGT030', model.name, 'its settings changed (' ~ pgtrickle__changes_text(plan.changes) ~ '), and on_configuration_change says fail.', 'Set them back, or set on_configuration_change: apply.') %}
  {% endif %}
  {% set sources = pgtrickle__compare_queries(query) if plan.action in ['create', 'replace'] else {} %}
  {% if sources.get('error') %}
    {% do pgtrickle__fail('PGT020', model.name, 'PostgreSQL refuses the query: ' ~ sources.error ~ '.', 'Correct the model' ~ ('; the stream table is as it was.' if state.stream_table else '.')) %}
  {% endif %}
  {% do pgtrickle__check_privileges(model.name, relation, state, sources.get('sources')) %}
  {% do pgtrickle__say(model, plan) %}
  {% set after = pgtrickle__carry_out(plan, model, relation, query, settings, state) %}

  {% if plan.action == 'rebind' and not pgtrickle__is_bound(after, plan) %}
    {% do plan.update({'action': 'replace'}) %}
    {% set after = pgtrickle__carry_out(plan, model, relation, query, settings, after) %}
  {% endif %}
  {% do pgtrickle__verify_outcome(model, plan, settings, after) %}
  {% do store_raw_result('main', message=pgtrickle__outcome(plan), code=plan.action | upper, rows_affected='-1') %}
  {% do return({'plan': plan, 'state': after}) %}
{% endmacro %}
