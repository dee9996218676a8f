{#- Decides and does, inside the open transaction. Gives {plan, state: the catalog afterwards}.
    model, relation, query, settings, full_refresh: as in pgtrickle__decide; statement_name: `main` in a materialization. -#}
{% macro pgtrickle__apply(model, relation, query, settings, full_refresh, statement_name='main') %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set plan = pgtrickle__decide(model, query, settings, state, full_refresh) %}
  {% if plan.action == 'unchanged' %}
    {% do pgtrickle__say(model, plan) %}
    {% do return({'plan': plan, 'state': state}) %}
  {% endif %}

  {# another session may have done it while this one waited #}
  {% do pgtrickle__lock() %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set plan = pgtrickle__decide(model, query, settings, state, full_refresh) %}
  {% if plan.action == 'unchanged' %}{% do return({'plan': plan, 'state': state}) %}{% endif %}
  {% if plan.refusal %}
    {% do pgtrickle__fail(plan.refusal[0], model.name, plan.refusal[1], plan.refusal[2] if statement_name == 'main' else
        'A source of it was dropped in this run, and what stood between them with it. Build it all again: dbt build (invoke build).') %}
  {% endif %}

  {% set table_parents = pgtrickle__table_parents(model) if plan.action == 'rebind' else [] %}
  {% if table_parents %}
    {% do plan.warnings.append(['PGT023', 'it stands on the table model ' ~ table_parents | join(', ') ~ ', which dbt makes anew on every run, so it is filled anew on every run.', 'Make that model a view, an incremental or a stream_table.']) %}
  {% endif %}
  {% if plan.changes and not full_refresh and pgtrickle__option(model, 'on_configuration_change') == 'fail' %}
    {% do pgtrickle__fail('PGT030', model.name, 'its settings changed (' ~ pgtrickle__changes_text(plan.changes) ~ '), and on_configuration_change says fail.', 'Set them back, or set on_configuration_change: apply.') %}
  {% endif %}
  {% set comparison = pgtrickle__compare_queries(query) if plan.action in ['create', 'replace', 'alter_query'] else {} %}
  {% if comparison.get('error') %}
    {% do pgtrickle__fail('PGT020', model.name, 'PostgreSQL refuses the query: ' ~ comparison.error ~ '.', 'Correct the model' ~ ('; the stream table is as it was.' if state.stream_table else '.')) %}
  {% endif %}
  {% do pgtrickle__check_privileges(model.name, relation, state, comparison.get('sources')) %}
  {% if comparison.get('misplaced') and settings.wanted.refresh_mode != 'FULL' %}
    {% do plan.warnings.append(['PGT026', 'it takes columns of ' ~ comparison.misplaced.subject ~ ' in another order than that table has them, or without its key (' ~ comparison.misplaced.key ~ '); pg_trickle 0.67.0 keeps that wrong incrementally, without a sign.',
        "Select the key, and the columns in the table's order, in views between as well; or set refresh_mode: FULL. invoke soak tells what this version does."]) %}
  {% endif %}
  {% do pgtrickle__say(model, plan) %}

  {% set after = pgtrickle__carry_out(plan, model, relation, query, settings, state, statement_name) %}
  {% if plan.action == 'rebind' and not pgtrickle__is_bound(after, plan) %}
    {% do plan.update({'action': 'replace'}) %}
    {% set after = pgtrickle__carry_out(plan, model, relation, query, settings, after, statement_name) %}
  {% endif %}
  {% do pgtrickle__verify_outcome(model, plan, settings, after) %}
  {% do return({'plan': plan, 'state': after}) %}
{% endmacro %}
