{#- Fail unless every stream table of this project, and those that they read (or the one of a model), is fresh.

    model_name: a model or a stream table; none for all. warn_seconds, error_seconds: limits, 600 and 1800 where
    neither the caller nor the model's config gives any. everything: all of the database's. -#}
{% macro pgtrickle_check_freshness(model_name=none, warn_seconds=none, error_seconds=none, everything=false) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- do context.pgtrickle__tell('freshness', context.pgtrickle__freshness_rows(
      managed=context.pgtrickle__literal(context.pgtrickle__managed()),
      model_name=context.pgtrickle__literal(model_name),
      warn_seconds=context.pgtrickle__limit('warn_seconds', warn_seconds),
      error_seconds=context.pgtrickle__limit('error_seconds', error_seconds),
      everything=context.pgtrickle__literal(context.pgtrickle__switch('everything', everything))
    )) -%}
  {%- endif -%}
{% endmacro %}
