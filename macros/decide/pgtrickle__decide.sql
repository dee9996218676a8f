{#- What has to be done so that the stream table is what its model says, and what forbids it. Changes nothing: `dbt run` and rebind carry it
    out, `invoke plan` shows it.
    model: node as a dict; relation: its stream table's; query: trimmed SQL; settings: from pgtrickle__settings; state: from
    pgtrickle__describe; full_refresh: whether the run asks for a rebuild (and the model allows it); verdict: on the query, none before its
    trial; noticed: `noticed` of the plan before that, where nothing has to be looked at again; ahead: from pgtrickle__ahead.
    Gives {action: create | unchanged | alter | alter_query | rebind | refresh | replace | refused, reasons, changes,
    suspended: leave it suspended afterwards, said: what to remember of pgtrickle__said, settings: those in effect, given: the query's
    spelling, dependents: what stands on it, where that is touched, warnings: [pgtrickle__finding], refusal: one of them, or none, noticed}.
    -#}
{% macro pgtrickle__decide(model, relation, query, settings, state, full_refresh, verdict, noticed=none, ahead=none) %}
  {% set in_effect = pgtrickle__in_effect(model, settings, verdict) %}
  {% set given = pgtrickle__spelling(query, in_effect, verdict) %}
  {% set plan = pgtrickle__choose(model, query, in_effect, state, full_refresh, given) %}
  {% do plan.update({'settings': in_effect, 'given': given, 'noticed': []}) %}
  {% if ahead and plan.action in ['unchanged', 'alter', 'refresh'] %}
    {% do plan.update({'action': 'rebind', 'reasons': ahead}) %}
  {% endif %}
  {% set refusal = plan.refusal or pgtrickle__guard(plan, model, relation, query, settings, state, full_refresh, verdict, noticed) %}
  {% if refusal %}{% do plan.update({'action': 'refused', 'refusal': refusal}) %}{% endif %}
  {% do return(plan) %}
{% endmacro %}
