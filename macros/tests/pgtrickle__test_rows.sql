{#- The rows of a generic test as SQL. dbt itself tells how many failures there are and never why: each row is logged, too.
    failures is what dbt counts; below zero where there are but warnings, since it has one number alone to tell the
    two apart.

    rows: dicts with stream_table, verdict, reason, count, example (JSON or none), cause, remedy. -#}
{% macro pgtrickle__test_rows(rows) %}
  {%- for row in rows if flags.WHICH in ['test', 'build', 'retry'] -%}
    {%- set told = row.stream_table ~ ': ' ~ row.cause ~ (' -> ' ~ row.remedy if row.remedy else '') -%}
    {%- do log(row.verdict | upper ~ ' ' ~ pgtrickle__plain(told), info=true) -%}
  {%- endfor -%}
select
  stream_table, verdict, reason, count, example, cause, remedy,
  case when verdict = 'error' then count when pg_catalog.bool_or(verdict = 'error') over () then 0 else -1 end as failures
from pg_catalog.jsonb_to_recordset({{ pgtrickle__literal(tojson(rows)) }}::pg_catalog.jsonb) as problems(
  stream_table text, verdict text, reason text, count bigint, example jsonb, cause text, remedy text
)
{%- endmacro %}
