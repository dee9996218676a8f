{#- What forbids a plan, or none; what is to be said of it goes to its warnings. Arguments: those of pgtrickle__decide. -#}
{% macro pgtrickle__guard(plan, model, relation, query, settings, state, full_refresh, verdict, noticed) %}
  {% set stays = plan.action == 'unchanged' and verdict %}
  {% if noticed is none %}
    {# what keeps its query has no need to have it read again #}
    {% set reads = plan.action in ['create', 'replace', 'alter_query'] or not verdict %}
    {% set mode = settings.wanted.refresh_mode %}
    {% set refusal = none if stays else pgtrickle__check_query(query, relation, state, mode, plan.noticed) if reads
        else pgtrickle__check_privileges(relation, state, none, mode) %}
    {% if refusal %}{% do return(refusal) %}{% endif %}
    {% set refusal = none if settings.get('stored') else pgtrickle__contract_refusal(model, query, plan.noticed) %}
    {% if refusal %}{% do return(refusal) %}{% endif %}
  {% else %}
    {% do plan.noticed.extend(noticed) %}
  {% endif %}
  {% do plan.warnings.extend(plan.noticed) %}

  {% set told = verdict and (noticed is not none or not stays) %}
  {% set message = pgtrickle__verdict_message(model, query, settings, verdict) if told %}
  {% if message %}
    {% set finding = pgtrickle__finding(message.code, message.problem, message.remedy) %}
    {% if message.fails %}{% do return(finding) %}{% endif %}
    {% do plan.warnings.append(finding) %}
  {% endif %}
  {% if told and verdict.get('retyped') %}
    {% do plan.warnings.append(pgtrickle__finding('PGT069', verdict.version
        ~ ' takes char(n) for one character and bit(n) for one bit, so these columns are text or bit varying in its stream table: '
        ~ verdict.retyped | join(', ') ~ '.', 'Cast them in the model to say so.')) %}
  {% endif %}

  {% set ours = plan.changes | rejectattr('by_server') | list %}
  {% if ours and not full_refresh and pgtrickle__option(model, 'on_configuration_change') == 'fail' %}
    {% do return(pgtrickle__finding('PGT030',
        'its settings changed (' ~ pgtrickle__changes_text(ours) ~ '), and on_configuration_change says fail.',
        'Set them back, or set on_configuration_change: apply.')) %}
  {% endif %}
  {% if state.relation and plan.action in ['create', 'replace', 'alter_query', 'rebind'] %}
    {% do plan.update({'dependents': pgtrickle__dependents(state.relation.oid)}) %}
  {% endif %}
  {% if plan.action in ['create', 'replace'] %}
    {% set refusal = pgtrickle__guard_replace(model, plan) %}
    {% if refusal %}{% do return(refusal) %}{% endif %}
  {% endif %}
  {% if not settings.get('stored') %}
    {% do plan.warnings.extend(pgtrickle__forebodings(plan, model, relation, settings, state)) %}
  {% endif %}
  {% do return(none) %}
{% endmacro %}
