{#- A key of a model's config, read from `config` and from `config.meta`.
    model: a node of the manifest as a dict. Gives `default` only where the key is in neither, so that
    `schedule: null` can mean something. -#}
{% macro pgtrickle__config(model, key, default=none) %}
  {% set meta = model.config.get('meta') or {} %}
  {% if key in model.config %}{% do return(model.config.get(key)) %}{% endif %}
  {% if key in meta %}{% do return(meta.get(key)) %}{% endif %}
  {% do return(default) %}
{% endmacro %}
