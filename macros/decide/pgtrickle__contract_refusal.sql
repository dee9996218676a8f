{#- The refusal (PGT041) of a query whose columns aren't those of the model's contract, by dbt's own rules, or none. Constraints can't be
    enforced on a table that the extension fills, so they are named (PGT040). warnings: a list that takes that. -#}
{% macro pgtrickle__contract_refusal(model, query, warnings) %}
  {% if not (model.config.get('contract') or {}).get('enforced') %}{% do return(none) %}{% endif %}
  {% set constrained = model.columns.values() | selectattr('constraints') | map(attribute='name') | list %}
  {% if model.get('constraints') or constrained %}
    {% do warnings.append(pgtrickle__finding('PGT040', 'constraints of its contract are not enforced on a stream table'
        ~ (' (' ~ constrained | join(', ') ~ ')' if constrained else '') ~ '.', 'Use tests instead.')) %}
  {% endif %}
  {% set has, says, differences = {}, {}, [] %}
  {% for column in format_columns(get_column_schema_from_query(query)) %}{% do has.update({column.name: column.formatted}) %}{% endfor %}
  {% for column in format_columns(get_column_schema_from_query(get_empty_schema_sql(model.columns))) if model.columns %}
    {% do says.update({column.name: column.formatted}) %}
  {% endfor %}
  {% for name in (has | list) + (says | list) | reject('in', has) | list if has.get(name) != says.get(name) %}
    {% do differences.append('the query has ' ~ (has[name] if name in has else 'no ' ~ name)
        ~ ', the contract ' ~ (says[name] if name in says else 'no ' ~ name)) %}
  {% endfor %}
  {% if differences or not says %}
    {% do return(pgtrickle__finding('PGT041', 'This model has an enforced contract that failed: '
        ~ (differences | join('; ') if says else 'it names no columns') ~ '.',
        'Make the query and the columns of the contract (name, data_type) agree.')) %}
  {% endif %}
  {% do return(none) %}
{% endmacro %}
