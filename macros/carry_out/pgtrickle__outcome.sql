{#- What was done, in one line for dbt's log: CREATED, UNCHANGED, ALTERED (what), REPLACED (why), REBOUND (why). -#}
{% macro pgtrickle__outcome(plan) %}
  {% set why = plan.reasons | join('; ') %}
  {% set changed = pgtrickle__changes_text(plan.changes) %}
  {% set detail = [why, changed if plan.action in ['alter', 'alter_query', 'rebind', 'refresh'] else ''] | select | join(', ') %}
  {% set verb = {'create': 'CREATED', 'unchanged': 'UNCHANGED', 'alter': 'ALTERED', 'alter_query': 'ALTERED', 'rebind': 'REBOUND',
      'refresh': 'REFRESHED', 'replace': 'REPLACED'}[plan.action] %}
  {% do return(verb ~ (' (' ~ detail ~ ')' if detail else '')) %}
{% endmacro %}
