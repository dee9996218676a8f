{#- SQL expression that makes the session's TimeZone that of pg_trickle's scheduler, under which every later refresh runs, as under its
    search_path (pgtrickle__scheduler_path): whatever the extension is told under others means something else from the next refresh
    on, and views are written into a query as the session sees them (observed on 0.67.0: date_trunc mixes two groupings, a
    table isn't found). local: SQL, whether for this transaction only. -#}
{% macro pgtrickle__as_scheduler(local='true') -%}
pg_catalog.set_config('timezone', {{ pgtrickle__scheduler_setting('timezone') }}, {{ local }})
{%- endmacro %}
