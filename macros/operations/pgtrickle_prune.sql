{% macro pgtrickle_prune(drop=false, as_json=false) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute -%}{%- do return('') -%}{%- endif -%}
  {%- set drop = context.pgtrickle__switch('drop', drop) -%}
  {%- do context.pgtrickle__require_catalog() -%}
  {%- set orphans = context.pgtrickle__orphans_here() -%}
  {%- if as_json -%}
    {%- do log('pgtrickle_prune ' ~ tojson(orphans), info=true) -%}
    {%- do return('') -%}
  {%- endif -%}
  {%- for orphan in orphans -%}
    {%- do log(context.pgtrickle__orphan_text(orphan), info=true) -%}
  {%- endfor -%}
  {%- if orphans and drop -%}
    {%- set names = context.pgtrickle__literal(tojson(orphans | map(attribute='subject') | list)) -%}
    {%- do context.pgtrickle__drop_all(context.pgtrickle__drop_plan(context.pgtrickle__literal(tojson(orphans)), names)) -%}
  {%- elif orphans -%}
    {%- do log("To drop them: dbt run-operation pgtrickle_prune --args '{drop: true}'", info=true) -%}
  {%- else -%}
    {%- do log('prune: every stream table that dbt built here has its model', info=true) -%}
  {%- endif -%}
{% endmacro %}

{#- One orphan in words. -#}
{% macro pgtrickle__orphan_text(orphan) %}
  {% do return('ORPHAN ' ~ orphan.subject ~ ': ' ~ orphan.unique_id ~ ' made it, which this project has no more'
      ~ (' | read by: ' ~ orphan.readers | join(', ') if orphan.readers else '')) %}
{% endmacro %}
