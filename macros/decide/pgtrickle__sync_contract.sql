{#- A contract is checked on every path, also when nothing changed. Constraints can't be enforced on a table that the
    extension fills, so they are named. -#}
{% macro pgtrickle__sync_contract(model, query) %}
  {% if config.get('contract').enforced %}
    {% do get_assert_columns_equivalent(query) %}
    {% set constraints = model.get('constraints') or [] %}
    {% set constrained = model.columns.values() | selectattr('constraints') | map(attribute='name') | list %}
    {% if constraints or constrained %}
      {% do pgtrickle__warn('PGT040', model.name, 'constraints of its contract are not enforced on a stream table' ~ (' (' ~ constrained | join(', ') ~ ')' if constrained else '') ~ '.', 'Use tests instead.') %}
    {% endif %}
  {% endif %}
{% endmacro %}
