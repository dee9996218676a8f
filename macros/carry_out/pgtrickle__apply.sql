{#- Decides and does, inside the open transaction. Gives {plan, state: the catalog afterwards}.
    model, relation, query, settings, full_refresh: as in pgtrickle__decide; statement_name: `main` in a materialization;
    trusted: whether the query has to stand a trial first. Without, it is what the extension has already. -#}
{% macro pgtrickle__apply(model, relation, query, settings, full_refresh, statement_name='main', trusted=true) %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set query = pgtrickle__visible_query(model, query, state) %}
  {% set known = pgtrickle__verdict(model, query, settings, state) if trusted else {'outcome': 'off'} %}
  {% set first = pgtrickle__decide(model, relation, query, settings, state, full_refresh, known) %}
  {% if first.action == 'unchanged' and known %}
    {% do pgtrickle__say(model, first.warnings) %}
    {% do return({'plan': first, 'state': state}) %}
  {% endif %}
  {% do pgtrickle__refuse_here(model, first, statement_name) %}
  {% do pgtrickle__catch_up(state) %}
  {# before the lock: trials run side by side #}
  {% set verdict = known or pgtrickle__try(model, query, settings, state) %}

  {# another session may have done it while this one waited #}
  {% do pgtrickle__lock() %}
  {% set still_new = first.action == 'create' and not state.relation and not state.namesake and pgtrickle__is_free(relation) %}
  {% set state = state if still_new else pgtrickle__describe(relation, model) %}
  {% set plan = first if still_new and known
      else pgtrickle__decide(model, relation, query, settings, state, full_refresh, verdict, first.noticed) %}
  {% do pgtrickle__refuse_here(model, plan, statement_name) %}
  {% do pgtrickle__say(model, plan.warnings) %}
  {% if plan.action == 'unchanged' %}
    {% if not known and state.stream_table %}
      {% do pgtrickle__remember(relation, model, query, plan.settings, plan.said, verdict, state) %}
    {% endif %}
    {% do return({'plan': plan, 'state': state}) %}
  {% endif %}

  {% do pgtrickle__ensure_waiting(inside=true) %}
  {% set after = pgtrickle__carry_out(plan, model, relation, state, statement_name) %}
  {% if plan.action == 'rebind' and not pgtrickle__is_bound(after, plan) %}
    {% do plan.update({'action': 'replace', 'dependents': pgtrickle__dependents(after.relation.oid), 'warnings': []}) %}
    {% do pgtrickle__refuse(model, pgtrickle__guard_replace(model, plan)) %}
    {% do pgtrickle__say(model, plan.warnings) %}
    {% set after = pgtrickle__carry_out(plan, model, relation, after, statement_name) %}
  {% endif %}
  {% do pgtrickle__verify_outcome(model, plan, plan.settings, after) %}
  {% if trusted %}
    {% set verdict = dict(verdict, fell_back=after.told.fallback is not none) %}
    {% do pgtrickle__remember(relation, model, query, plan.settings, plan.said, verdict, after) %}
  {% endif %}
  {% do return({'plan': plan, 'state': after}) %}
{% endmacro %}

{#- Whether nothing has this name, neither a relation nor an entry in the extension's catalog. -#}
{% macro pgtrickle__is_free(relation) %}
  {% do return(pgtrickle__query_json(
    'to_regclass(' ~ pgtrickle__literal(relation.include(database=false) | string) ~ ') is null and not exists (
      select from pgtrickle.pgt_stream_tables where pgt_schema = ' ~ pgtrickle__literal(relation.schema) ~ '
      and pgt_name = ' ~ pgtrickle__literal(relation.identifier) ~ ')')) %}
{% endmacro %}

{#- Says what is to be said of a plan that is refused, and fails with it. -#}
{% macro pgtrickle__refuse_here(model, plan, statement_name) %}
  {% if not plan.refusal %}{% do return('') %}{% endif %}
  {% do pgtrickle__say(model, plan.warnings) %}
  {% do pgtrickle__refuse(model, plan.refusal if statement_name == 'main' else dict(plan.refusal, remedy=
      'A source of it was dropped in this run, and what stood between them with it. Build it all again: dbt build (invoke build).')) %}
{% endmacro %}
