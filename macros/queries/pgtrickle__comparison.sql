{#- A stream table against its query, row for row, both read in the one snapshot of one statement, which is read under the query's own
    search_path: so every function of ours has its schema.

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
select 'extra' as difference, pg_catalog.to_jsonb(extra) as content from extra
union all
select 'missing', pg_catalog.to_jsonb(missing) from missing
{%- endmacro %}
