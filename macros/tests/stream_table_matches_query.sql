{#- Fails when a stream table holds other rows than its query gives.

    refresh: apply the changes that wait for it first and keep writers from its sources meanwhile, so that a
    difference can only be a fault. Without it the contents are compared as they are. -#}
{% test stream_table_matches_query(model, refresh=true) %}
{{ config(fail_calc="coalesce(sum(case verdict when 'error' then 1000 else 1 end), 0)", warn_if='> 0', error_if='>= 1000') }}
{%- if execute %}
{%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) %}
{%- do context.pgtrickle__require_catalog() %}
{%- set names = context.pgtrickle__literal(tojson([model.schema ~ '.' ~ model.identifier])) %}
{%- set managed = context.pgtrickle__literal(context.pgtrickle__managed()) %}
{%- set table = context.pgtrickle__rows(context.pgtrickle__contents(managed=managed, names=names))[0] %}
{%- if table.reason %}
select {{ context.pgtrickle__literal(table.verdict) }} as verdict, 'not compared' as difference, to_jsonb({{ context.pgtrickle__literal(table.cause) }}::text) as content
{%- else %}
{%- if refresh and flags.WHICH in ['test', 'build', 'retry'] %}
  {%- do context.pgtrickle__freeze_and_refresh(table) %}
{%- endif %}
select 'error' as verdict, difference, content
from (
{{ context.pgtrickle__comparison(table) }}
) as answer
{%- endif %}
{%- endif %}
{% endtest %}
