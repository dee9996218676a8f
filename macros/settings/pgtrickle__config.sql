{#- A key of a model's config, read from `config` and from `config.meta`.
    model: a node of the manifest as a dict. Gives `default` only where the key is in neither, so that
    `schedule: null` can mean something. -#}
{% macro pgtrickle__config(model, key, default=none) %}
  {% do return(pgtrickle__configs(model).get(key, default)) %}
{% endmacro %}

{#- All keys at once: a call for each takes its time. -#}
{% macro pgtrickle__configs(model) %}
  {% set configs = {} %}
  {% do configs.update(model.config.get('meta') or {}) %}
  {% do configs.update(model.config) %}
  {% do return(configs) %}
{% endmacro %}
