{#- Warns about sources without a primary key where pg_trickle 0.67.0 doesn't cope with them: under IMMEDIATE it adds a
    group's row again instead of changing it (PGT024); a stream table on one, read by another, may fail at every
    refresh with 42P10 (PGT025). Tables that dbt makes have no primary key. -#}
{% macro pgtrickle__warn_keyless(model, state) %}
  {% set remedy = 'Give the source a primary key' %}
  {% if state.stream_table.refresh_mode == 'IMMEDIATE' and state.stream_table.get('has_keyless_source') %}
    {% do pgtrickle__warn('PGT024', model.name, 'a table that it reads has no primary key; IMMEDIATE then keeps groups and joins wrong.', remedy ~ ', or use refresh_mode: DIFFERENTIAL; invoke verify tells whether it is right.') %}
  {% endif %}
  {% if state.keyless_parents %}
    {% do pgtrickle__warn('PGT025', model.name, 'it reads ' ~ state.keyless_parents | join(', ') ~ ', which stands on a table without a primary key; pg_trickle may then fail to refresh that one (42P10).', remedy ~ ', or set refresh_mode: FULL there; invoke freshness tells whether it fails.') %}
  {% endif %}
{% endmacro %}
