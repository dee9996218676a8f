{#- Whether the scheduler is held by a drain. Where resume_after_drain() exists a drain holds until it is called, and
    is_drained() says so; earlier a drain only lasts until the refreshes under way have ended, and is_drained() is true
    at rest (observed on 0.67.0). -#}
{% macro pgtrickle__is_drained() %}
  {% if not pgtrickle__has_function('is_drained') %}{% do return(false) %}{% endif %}
  {% set drained = pgtrickle__rows('select pgtrickle.is_drained() as drained')[0].drained %}
  {% do return(drained is sameas true if pgtrickle__has_function('resume_after_drain') else drained is sameas false) %}
{% endmacro %}
