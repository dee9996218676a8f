{#- A warning of materialized views and foreign tables that a stream table reads: 0.67.0's scheduler refreshes none because of them, not
    even one that is FULL, and calls it fresh (matview_polling and foreign_table_polling change nothing of it); by hand it is right.
    settings: those in effect; state: from pgtrickle__describe. -#}
{% macro pgtrickle__unwatched_warnings(settings, state) %}
  {% if not state.get('unwatched') or settings.wanted.refresh_mode == 'IMMEDIATE' %}{% do return([]) %}{% endif %}
  {% do return([pgtrickle__finding('PGT017', 'it reads ' ~ state.unwatched | join(', ')
    ~ ', whose changes cause no scheduled refresh; it looks fresh all the same.',
    'Read the tables under that instead, or refresh it by hand after each change: invoke refresh, or the operation pgtrickle_refresh.')]) %}
{% endmacro %}
