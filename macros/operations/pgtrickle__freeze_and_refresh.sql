{#- Keep writers from the sources of a stream table until this transaction ends, and bring it up to date within it.
    An IMMEDIATE one is up to date by itself. -#}
{% macro pgtrickle__freeze_and_refresh(table, plan) %}
  {%- call statement('pgtrickle_freeze', auto_begin=true) -%}
    {%- if table.sources %}
    set local lock_timeout = '30s';
    lock table {{ table.sources | join(', ') }} in share mode;
    {%- endif %}
    {%- for step in plan if not step.outcome and step.refresh_mode != 'IMMEDIATE' %}
    {{ pgtrickle__refresh_block(step.call_name, failing=true) }};
    {%- endfor %}
    select 1
  {%- endcall -%}
{% endmacro %}
