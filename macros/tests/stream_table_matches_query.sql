{% test stream_table_matches_query(model, refresh=true) %}
{{ config(fail_calc='coalesce(sum(failures), 0)', warn_if='< 0', error_if='> 0') }}
{%- if execute %}
{%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined %}
{%- do context.pgtrickle__require_catalog() %}
{%- set names = context.pgtrickle__literal(tojson([model.schema ~ '.' ~ model.identifier])) %}
{%- set managed = context.pgtrickle__literal(context.pgtrickle__managed()) %}
{%- set table = context.pgtrickle__rows(context.pgtrickle__contents(managed=managed, names=names))[0] %}
{%- if table.reason %}
{{ context.pgtrickle__test_rows([dict(table, stream_table=table.subject, count=1, example=none)]) }}
{%- elif flags.WHICH in ['test', 'build', 'retry'] %}
{{ context.pgtrickle__test_rows(context.pgtrickle__differences(table, refresh)) }}
{%- else %}
{{ context.pgtrickle__comparison(table) }}
{%- endif %}
{%- endif %}
{% endtest %}
