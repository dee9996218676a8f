{#- Decides and does, inside the open transaction. Gives {plan, state: the catalog afterwards, record: what pgtrickle__remember is to write
    beside it, or none}.
    model, relation, query, settings, full_refresh: as in pgtrickle__decide; statement_name: `main` in a materialization;
    trusted: whether the query has to stand a trial first. Without, it is what the extension has already. -#}
{% macro pgtrickle__apply(model, relation, query, settings, full_refresh, statement_name='main', trusted=true) %}
  {% set is_likely_new = statement_name == 'main' and load_cached_relation(relation) is none and not pgtrickle__is_v2() %}
  {% set state = pgtrickle__describe(relation, model, before=pgtrickle__note() ~ ';\n' ~ pgtrickle__comparing(query) if is_likely_new
      else '') %}
  {% set written, query = query, pgtrickle__visible_query(model, query, state) %}
  {% if is_likely_new and query == written %}{% do state.update({'comparison': state.told}) %}{% endif %}
  {% set known = pgtrickle__verdict(model, query, settings, state) if trusted else {'outcome': 'off'} %}
  {% set first = pgtrickle__decide(model, relation, query, settings, state, full_refresh, known) %}
  {% if first.action == 'unchanged' and known %}
    {% do pgtrickle__say(model, first.warnings) %}
    {% do return({'plan': first, 'state': state, 'record': none}) %}
  {% endif %}
  {% do pgtrickle__refuse_here(model, first, statement_name) %}
  {% do pgtrickle__catch_up(state) %}
  {# before the lock: trials run side by side #}
  {% set verdict = known or pgtrickle__try(model, query, settings, state) %}

  {# another session may have done it while this one waited; what is new asks for that itself (pgtrickle__main_sql) #}
  {% set is_new = pgtrickle__is_new(first, state) %}
  {% if not is_new %}
    {% do pgtrickle__lock() %}
    {% set state = pgtrickle__describe(relation, model) %}
  {% endif %}
  {% set plan = first if is_new and known
      else pgtrickle__decide(model, relation, query, settings, state, full_refresh, verdict, first.noticed) %}
  {% do pgtrickle__refuse_here(model, plan, statement_name) %}
  {% do pgtrickle__say(model, plan.warnings) %}
  {% if plan.action == 'unchanged' %}
    {% do return({'plan': plan, 'state': state, 'record': none if known or not state.stream_table
        else pgtrickle__next_record(model, query, plan.settings, plan.said, verdict, state)}) %}
  {% endif %}

  {% do pgtrickle__ensure_waiting(inside=true) %}
  {% set after = pgtrickle__carry_out(plan, model, relation, state, statement_name) %}
  {% if after.told.taken %}
    {% do return(pgtrickle__apply(model, relation, query, settings, full_refresh, statement_name, trusted)) %}
  {% endif %}
  {% if plan.action == 'rebind' and not pgtrickle__is_bound(after, plan) %}
    {% do plan.update({'action': 'replace', 'dependents': pgtrickle__dependents(after.relation.oid), 'warnings': []}) %}
    {% do pgtrickle__refuse(model, pgtrickle__guard_replace(model, plan)) %}
    {% do pgtrickle__say(model, plan.warnings) %}
    {% set after = pgtrickle__carry_out(plan, model, relation, after, statement_name) %}
  {% endif %}
  {% do pgtrickle__verify_outcome(model, plan, plan.settings, after) %}
  {% set verdict = dict(verdict, fell_back=after.told.fallback is not none) %}
  {% do return({'plan': plan, 'state': after, 'record': pgtrickle__next_record(model, query, plan.settings, plan.said, verdict, after)
      if trusted else none}) %}
{% endmacro %}

{#- Says what is to be said of a plan that is refused, and fails with it. -#}
{% macro pgtrickle__refuse_here(model, plan, statement_name) %}
  {% if not plan.refusal %}{% do return('') %}{% endif %}
  {% do pgtrickle__say(model, plan.warnings) %}
  {% do pgtrickle__refuse(model, plan.refusal if statement_name == 'main' else dict(plan.refusal, remedy=
      'A source of it was dropped in this run, and what stood between them with it. Build it all again: dbt build (invoke build).')) %}
{% endmacro %}
