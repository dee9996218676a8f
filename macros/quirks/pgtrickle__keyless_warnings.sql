{#- Warnings of sources without a primary key where pg_trickle 0.67.0 doesn't cope with them: under IMMEDIATE it adds a
    group's row again instead of changing it (PGT024); a stream table on one, read by another, may fail at every
    refresh with 42P10 (PGT025). Tables that dbt makes have no primary key.
    plan: with the settings in effect; state: from pgtrickle__describe. -#}
{% macro pgtrickle__keyless_warnings(plan, state) %}
  {% set warnings, remedy = [], 'Give the source a primary key' %}
  {% if plan.settings.wanted.refresh_mode == 'IMMEDIATE' and state.keyless %}
    {% do warnings.append(pgtrickle__finding('PGT024',
        'a table that it reads has no primary key; IMMEDIATE then keeps groups and joins wrong.',
        remedy ~ ', or use refresh_mode: DIFFERENTIAL; invoke verify tells whether it is right.')) %}
  {% endif %}
  {% if state.keyless_parents %}
    {% do warnings.append(pgtrickle__finding('PGT025', 'it reads ' ~ state.keyless_parents | join(', ')
        ~ ', which stands on a table without a primary key; pg_trickle may then fail to refresh that one (42P10).',
        remedy ~ ', or set refresh_mode: FULL there; invoke freshness tells whether it fails.')) %}
  {% endif %}
  {% do return(warnings) %}
{% endmacro %}
