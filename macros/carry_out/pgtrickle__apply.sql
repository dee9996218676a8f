{#- Decides and does, inside the open transaction. Gives {plan, state: the catalog afterwards}.
    model, relation, query, settings, full_refresh: as in pgtrickle__decide; statement_name: `main` in a materialization;
    trusted: whether the query has to stand a trial first. Without, it is what the extension has already. -#}
{% macro pgtrickle__apply(model, relation, query, settings, full_refresh, statement_name='main', trusted=true) %}
  {% set tried, noticed = false, [] %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set query = pgtrickle__visible_query(model, query, state) %}
  {% set verdict = pgtrickle__verdict(model, query, settings, state) if trusted else {'outcome': 'off'} %}
  {% set in_effect = pgtrickle__in_effect(model, settings, verdict) %}
  {% set plan = pgtrickle__decide(model, query, in_effect, state, full_refresh, pgtrickle__spelling(query, in_effect, verdict)) %}
  {% if plan.action == 'unchanged' and verdict %}
    {% do pgtrickle__say(model, plan) %}
    {% do return({'plan': plan, 'state': state}) %}
  {% endif %}
  {% do pgtrickle__catch_up(state) %}
  {% if not verdict and not plan.refusal %}
    {# before the lock: trials run side by side #}
    {% do pgtrickle__refuse(model, pgtrickle__check_query(query, relation, state, settings.wanted.refresh_mode, noticed)) %}
    {% set verdict = pgtrickle__try(model, query, settings, state) %}
    {% do pgtrickle__tell_verdict(model, query, settings, verdict) %}
    {% set tried = true %}
  {% endif %}
  {% set settings = pgtrickle__in_effect(model, settings, verdict) %}
  {% set given = pgtrickle__spelling(query, settings, verdict) %}

  {# another session may have done it while this one waited #}
  {% do pgtrickle__lock() %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set plan = pgtrickle__decide(model, query, settings, state, full_refresh, given) %}
  {% if plan.action == 'unchanged' %}
    {% if tried and state.stream_table %}
      {% do pgtrickle__remember(relation, model, query, settings, plan.said, verdict, state) %}
    {% endif %}
    {% do return({'plan': plan, 'state': state}) %}
  {% endif %}
  {% if plan.refusal %}
    {% do pgtrickle__fail(plan.refusal[0], model.name, plan.refusal[1], plan.refusal[2] if statement_name == 'main' else
        'A source of it was dropped in this run, and what stood between them with it. Build it all again: dbt build (invoke build).') %}
  {% endif %}

  {% set table_parents = pgtrickle__table_parents(model) if plan.action == 'rebind' else [] %}
  {% if table_parents %}
    {% do plan.warnings.append(['PGT023', 'it stands on the table model ' ~ table_parents | join(', ') ~ ', which dbt makes anew on every run, so it is filled anew on every run.', 'Make that model a view, an incremental or a stream_table.']) %}
  {% endif %}
  {% set ours = plan.changes | rejectattr('by_server') | list %}
  {% if ours and not full_refresh and pgtrickle__option(model, 'on_configuration_change') == 'fail' %}
    {% do pgtrickle__fail('PGT030', model.name,
        'its settings changed (' ~ pgtrickle__changes_text(ours) ~ '), and on_configuration_change says fail.',
        'Set them back, or set on_configuration_change: apply.') %}
  {% endif %}
  {% if not tried %}
    {# what keeps its query has no need to have it read again #}
    {% set fills = plan.action in ['create', 'replace', 'alter_query'] %}
    {% do pgtrickle__refuse(model, pgtrickle__check_query(query, relation, state, settings.wanted.refresh_mode, noticed) if fills
        else pgtrickle__check_privileges(relation, state, none, settings.wanted.refresh_mode)) %}
  {% endif %}
  {% do plan.warnings.extend(noticed) %}
  {% do pgtrickle__say(model, plan) %}

  {% set after = pgtrickle__carry_out(plan, model, relation, given, settings, state, statement_name) %}
  {% if plan.action == 'rebind' and not pgtrickle__is_bound(after, plan) %}
    {% do plan.update({'action': 'replace'}) %}
    {% set after = pgtrickle__carry_out(plan, model, relation, given, settings, after, statement_name) %}
  {% endif %}
  {% do pgtrickle__verify_outcome(model, plan, settings, after) %}
  {% if trusted %}
    {% set verdict = dict(verdict, fell_back=after.fallback is not none) %}
    {% do pgtrickle__remember(relation, model, query, settings, plan.said, verdict, after) %}
  {% endif %}
  {% do return({'plan': plan, 'state': after}) %}
{% endmacro %}
