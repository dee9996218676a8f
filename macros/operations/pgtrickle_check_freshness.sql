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
