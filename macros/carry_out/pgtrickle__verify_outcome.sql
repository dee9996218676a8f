{#- A run leaves every stream table ACTIVE and bound to what exists, or fails. -#}
{% macro pgtrickle__verify_outcome(model, plan, settings, after) %}
  {% set stream_table = after.stream_table or {} %}
  {% set status = stream_table.get('status', 'missing') %}
  {% set paused = plan.suspended or settings.wanted.status == 'PAUSED' %}
  {% set expected = ['SUSPENDED'] if paused else ['ACTIVE'] if settings.wanted.initialize or plan.action not in ['create', 'replace']
      else ['ACTIVE', 'INITIALIZING'] %}
  {% set gone = (after.sources or []) | selectattr('name', 'none') | list %}
  {% if gone or status not in expected + (['INITIALIZING'] if not stream_table.get('is_populated') and not settings.wanted.initialize
      else []) %}
    {% do pgtrickle__fail('PGT050', model.name, 'it is ' ~ status ~ ' after ' ~ pgtrickle__outcome(plan)
        ~ (', still bound to a source that no longer exists' if gone else '') ~ '; nothing was changed.',
        'Look at its last error (invoke freshness), or rebuild it: dbt run --full-refresh --select ' ~ model.name) %}
  {% endif %}
  {% if after.told.fallback %}
    {% do pgtrickle__warn('PGT022', model.name, "pg_trickle can't keep its query incrementally, so it is FULL: " ~ after.told.fallback
        ~ '.', 'Every refresh recomputes the whole query; set refresh_mode: FULL to say so, or rewrite the query.') %}
  {% elif settings.wanted.refresh_mode == 'AUTO' and plan.action in ['create', 'replace'] and stream_table.get('refresh_mode') == 'FULL' %}
    {% do pgtrickle__warn('PGT022', model.name, 'pg_trickle took AUTO as FULL for its query.',
        'Every refresh recomputes the whole query; see pgtrickle.validate_query for why.') %}
  {% endif %}
{% endmacro %}
