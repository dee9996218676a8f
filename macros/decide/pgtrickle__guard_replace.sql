{#- The refusal before a stream table is rebuilt, or none: on_replace guards the rebuild itself (PGT031), on_dependents what stands on it
    and isn't dbt's (PGT032). plan: with `dependents`; what is to be said otherwise goes to its warnings. -#}
{% macro pgtrickle__guard_replace(model, plan) %}
  {% set why = plan.reasons | join('; ') %}
  {% if plan.action == 'replace' and pgtrickle__option(model, 'on_replace') == 'fail' %}
    {% do return(pgtrickle__finding('PGT031', 'it would have to be rebuilt (' ~ why ~ '), and on_replace says fail.',
        'Look at `invoke plan`; then run once with on_replace: allow.')) %}
  {% elif plan.action == 'replace' and pgtrickle__option(model, 'on_replace') == 'warn' %}
    {% do plan.warnings.append(pgtrickle__finding('PGT031', 'it is rebuilt: ' ~ why ~ '.')) %}
  {% endif %}
  {% set strangers = [] %}
  {% for dependent in plan.dependents if not dependent.managed %}
    {% do strangers.append(dependent.kind ~ ' ' ~ dependent.schema ~ '.' ~ dependent.name) %}
  {% endfor %}
  {% if strangers and pgtrickle__option(model, 'on_dependents') == 'fail' %}
    {% do return(pgtrickle__finding('PGT032',
        'it has to be rebuilt (' ~ why ~ ") while these stand on it, which dbt doesn't manage: " ~ strangers | join(', ')
          ~ '; on_dependents says fail.',
        'Set on_dependents: warn, which makes them again; or drop what nobody needs.')) %}
  {% elif strangers %}
    {% do plan.warnings.append(pgtrickle__finding('PGT032', 'it is rebuilt (' ~ why ~ '), and with it go: ' ~ strangers | join(', ') ~ '.',
        'They come back where the new columns allow it.')) %}
  {% endif %}
  {% do return(none) %}
{% endmacro %}
