{#- The settings with the refresh mode that a verdict leaves of the one that was asked for: FULL where the engine doesn't keep the query
    right incrementally, or nothing proves that it does, and on_unsafe allows it. `asked` keeps the model's own. verdict: from
    pgtrickle__verdict or pgtrickle__try. -#}
{% macro pgtrickle__in_effect(model, settings, verdict) %}
  {% set asked = settings.wanted.refresh_mode %}
  {% set mode = namespace(name=asked) %}
  {% if verdict and asked in ['AUTO', 'DIFFERENTIAL'] %}
    {% if (pgtrickle__is_unsafe(verdict) or verdict.outcome in ['unproved', 'untried'])
        and pgtrickle__option(model, 'on_unsafe') == 'full' %}
      {% set mode.name = 'FULL' %}
    {% elif verdict.outcome == 'right' and not verdict.get('fell_back') %}
      {# AUTO that is FULL because of an earlier verdict goes back #}
      {% set mode.name = 'DIFFERENTIAL' %}
    {% endif %}
  {% endif %}
  {% do return(dict(settings, asked=asked, wanted=dict(settings.wanted, refresh_mode=mode.name))) %}
{% endmacro %}

{#- Whether a verdict says that a stream table would not be right, or too slow, in the mode that was tried. -#}
{% macro pgtrickle__is_unsafe(verdict) %}
  {% do return(verdict.outcome in ['wrong', 'fails', 'refused', 'slow']) %}
{% endmacro %}
