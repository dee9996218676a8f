{#- Warnings of what a stream table reads whose changes cause no scheduled refresh: materialized views and foreign tables, because of which
    0.67.0's scheduler refreshes none, not even one that is FULL, and calls it fresh (matview_polling and foreign_table_polling change
    nothing of it), by hand it is right (PGT017); tables that a subscription writes, which fires none of its triggers, since they are of
    statements; and partitions that come and go (PGT018), which the next run makes good.
    settings: those in effect; state: from pgtrickle__describe. -#}
{% macro pgtrickle__unwatched_warnings(settings, state) %}
  {% set warnings = [] %}
  {% if state.get('unwatched') and settings.wanted.refresh_mode != 'IMMEDIATE' %}
    {% do warnings.append(pgtrickle__finding('PGT017', 'it reads ' ~ state.unwatched | join(', ')
      ~ ', whose changes cause no scheduled refresh; it looks fresh all the same.',
      'Read the tables under that instead, or refresh it by hand after each change: invoke refresh, or the operation '
      ~ 'pgtrickle_refresh.')) %}
  {% endif %}
  {% if state.get('subscribed') %}
    {% do warnings.append(pgtrickle__finding('PGT017', 'it reads ' ~ state.subscribed | join(', ')
      ~ ', which a subscription writes: pg_trickle captures nothing of that, and it looks fresh all the same.',
      'Say materialized: table, or refresh_mode: FULL and refresh it by hand after each change: invoke refresh, or the operation '
      ~ 'pgtrickle_refresh.')) %}
  {% endif %}
  {% if state.get('parted') %}
    {% do warnings.append(pgtrickle__finding('PGT018', 'a partition of ' ~ state.parted | join(', ')
      ~ ' that is attached, detached, dropped or truncated by itself causes no refresh; it looks fresh all the same.',
      'Run dbt after that: it finds that out, and fills it anew.')) %}
  {% endif %}
  {% do return(warnings) %}
{% endmacro %}
