{#- What is said or refused before a stream table is rebuilt: on_replace guards the rebuild itself, on_dependents what
    stands on it and isn't dbt's. -#}
{% macro pgtrickle__guard_replace(model, plan, dependents) %}
  {% set why = plan.reasons | join('; ') %}
  {% if plan.action == 'replace' and pgtrickle__option(model, 'on_replace') == 'fail' %}
    {% do pgtrickle__fail('PGT031', model.name, 'it would have to be rebuilt (' ~ why ~ '), and on_replace says fail.', 'Look at `invoke plan`; then run once with on_replace: allow.') %}
  {% elif plan.action == 'replace' and pgtrickle__option(model, 'on_replace') == 'warn' %}
    {% do pgtrickle__warn('PGT031', model.name, 'it is rebuilt: ' ~ why ~ '.', '') %}
  {% endif %}
  {% set strangers = [] %}
  {% for dependent in dependents if not dependent.managed %}
    {% do strangers.append(dependent.kind ~ ' ' ~ dependent.schema ~ '.' ~ dependent.name) %}
  {% endfor %}
  {% if strangers and pgtrickle__option(model, 'on_dependents') == 'fail' %}
    {% do pgtrickle__fail('PGT032', model.name, 'it has to be rebuilt (' ~ why ~ ") while these stand on it, which dbt doesn't manage: " ~ strangers | join(', ') ~ '; on_dependents says fail.', 'Set on_dependents: warn, which makes them again; or drop what nobody needs.') %}
  {% elif strangers %}
    {% do pgtrickle__warn('PGT032', model.name, 'it is rebuilt (' ~ why ~ '), and with it go: ' ~ strangers | join(', ') ~ '.', 'They come back where the new columns allow it.') %}
  {% endif %}
{% endmacro %}
