{#- A stream table against its query, row for row, both read in the one snapshot of one statement.

    table: a row of pgtrickle__contents. condition: SQL that narrows both sides alike. -#}
{% macro pgtrickle__comparison(table, condition='true') -%}
with held as (
  select {{ table.terms | join(', ') }} from {{ table.storage }} where {{ condition }}
),
wanted as (
  select {{ table.terms | join(', ') }} from (
{{ table.query }}
  ) as query_result where {{ condition }}
),
extra as (
  select * from held except all select * from wanted
),
missing as (
  select * from wanted except all select * from held
)
select 'extra' as difference, to_jsonb(extra) as content from extra
union all
select 'missing', to_jsonb(missing) from missing
{%- endmacro %}
