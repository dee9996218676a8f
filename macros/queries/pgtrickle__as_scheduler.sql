{#- A statement that makes the session's search_path and TimeZone those of pg_trickle's scheduler, under which every later refresh runs:
    whatever the extension is told under others means something else from the next refresh on, and views are
    written into a query as the session sees them (observed on 0.67.0: date_trunc mixes two groupings, a table isn't found).
    local: SQL, whether for this transaction only. -#}
{% macro pgtrickle__as_scheduler(local='true') -%}
select set_config('search_path', {{ pgtrickle__scheduler_setting('search_path') }}, {{ local }}),
set_config('timezone', {{ pgtrickle__scheduler_setting('timezone') }}, {{ local }})
{%- endmacro %}
