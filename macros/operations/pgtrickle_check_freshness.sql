{#- Fail unless every stream table (or the one of a model) is fresh.

    model_name: a model or a stream table; none for all. warn_seconds, error_seconds: limits, 600 and 1800 where
    neither the caller nor the model's config gives any. -#}
{% macro pgtrickle_check_freshness(model_name=none, warn_seconds=none, error_seconds=none) %}
  {%- if execute -%}
    {%- do pgtrickle__require_catalog() -%}
    {%- do pgtrickle__tell('freshness', pgtrickle__rows(pgtrickle__freshness(
      managed=pgtrickle__literal(pgtrickle__managed()),
      model_name=pgtrickle__literal(model_name),
      warn_seconds=pgtrickle__literal(warn_seconds),
      error_seconds=pgtrickle__literal(error_seconds)
    ))) -%}
  {%- endif -%}
{% endmacro %}
