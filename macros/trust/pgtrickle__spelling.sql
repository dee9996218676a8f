{#- The spelling of a model's query that the extension gets by a verdict: the one that was tried in the mode in effect; none where there is
    no verdict yet. settings: from pgtrickle__in_effect. -#}
{% macro pgtrickle__spelling(query, settings, verdict) %}
  {% if not verdict %}{% do return(none) %}{% endif %}
  {% set replaced = settings.asked != 'FULL' and settings.wanted.refresh_mode == 'FULL' %}
  {% do return((verdict.full if replaced and verdict.get('full') else verdict).get('given') or query) %}
{% endmacro %}
