{#- One setting's value, checked against its spec and brought into the form that pg_trickle stores.
    Fails with PGT002, naming the model, the key, the value and what is allowed. -#}
{% macro pgtrickle__value(model_name, key, value, spec, slips=none) %}
  {% if spec.kind == 'schedule' %}{% do return(pgtrickle__schedule(model_name, value, slips)) %}{% endif %}
  {% if value is none %}{% do return(spec.default) %}{% endif %}
  {% set text = (value | string).strip() %}
  {% set found = namespace(value=none) %}
  {% if spec.kind == 'enum' %}
    {# YAML reads a bare on or off as a boolean #}
    {% set word = {'True': 'on', 'False': 'off'}.get(text, text) if 'on' in spec.allowed else text %}
    {% set word = spec.get('synonyms', {}).get(word | upper, word) %}
    {% for candidate in spec.allowed if candidate | lower == word | lower %}{% set found.value = candidate %}{% endfor %}
    {% set allowed = spec.allowed | join(', ') %}
  {% elif spec.kind == 'bool' %}
    {% set found.value = {'true': true, 'false': false}.get(text | lower) %}
    {% set allowed = 'true, false' %}
  {% elif spec.kind == 'text' %}
    {% set found.value = text if text else none %}
    {% set allowed = 'a text that is not empty' %}
  {% else %}
    {% set pattern = '[0-9]+' if spec.kind == 'int' else '[0-9]*[.]?[0-9]+' %}
    {% set number = (text | int if spec.kind == 'int' else text | float) if modules.re.fullmatch(pattern, text) else none %}
    {% if number is not none and number >= spec.allowed[0] and (spec.allowed[1] is none or number <= spec.allowed[1]) %}
      {% set found.value = number %}
    {% endif %}
    {% set allowed = 'a ' ~ ('whole number' if spec.kind == 'int' else 'number') ~ ' of at least ' ~ spec.allowed[0]
        ~ (' and at most ' ~ spec.allowed[1] if spec.allowed[1] is not none else '') %}
  {% endif %}
  {% if found.value is none %}
    {% do pgtrickle__fail('PGT002', model_name, key ~ " is '" ~ text ~ "', which isn't allowed.", 'Allowed: ' ~ allowed ~ '.', slips) %}
  {% endif %}
  {% do return(found.value) %}
{% endmacro %}
