{#- The settings with the refresh mode that a verdict leaves of the one that was asked for: FULL where the engine doesn't keep the query
    right incrementally, or nothing proves that it does, and on_unsafe allows it. `asked` keeps the model's own; may_be_full: whether it
    becomes FULL where the extension refuses it all the same. verdict: from pgtrickle__verdict or pgtrickle__try. -#}
{% macro pgtrickle__in_effect(model, settings, verdict) %}
  {% set asked = settings.wanted.refresh_mode %}
  {% set outcome = verdict.outcome if verdict and asked in ['AUTO', 'DIFFERENTIAL'] %}
  {% set full_allowed = pgtrickle__option(model, 'on_unsafe') == 'full' %}
  {% set mode = namespace(name=asked) %}
  {% if outcome and full_allowed and (pgtrickle__is_unsafe(verdict) or outcome in ['unproved', 'untried']) %}
    {% set mode.name = 'FULL' %}
  {% elif outcome == 'right' and not verdict.get('fell_back') %}
    {# AUTO that is FULL because of an earlier verdict goes back #}
    {% set mode.name = 'DIFFERENTIAL' %}
  {% elif outcome == 'right' and asked == 'DIFFERENTIAL' and full_allowed %}
    {% set mode.name = 'FULL' %}
  {% endif %}
  {% do return(dict(settings, asked=asked, wanted=dict(settings.wanted, refresh_mode=mode.name),
      may_be_full=asked == 'AUTO' or (outcome == 'right' and full_allowed))) %}
{% endmacro %}

{#- Whether a verdict says that a stream table would not be right, or too slow, in the mode that was tried. -#}
{% macro pgtrickle__is_unsafe(verdict) %}
  {% do return(verdict.outcome in ['wrong', 'fails', 'refused', 'slow']) %}
{% endmacro %}
