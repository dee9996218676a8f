{#- Keep writers from what a stream table reads until this transaction ends, and bring it up to date within it. One
    that nothing waits for is left as it is: a full refresh would mend just what a comparison is to find. -#}
{% macro pgtrickle__freeze_and_refresh(table) %}
  {%- call statement('pgtrickle_freeze', auto_begin=true) -%}
    {%- if table.sources %}
    set local lock_timeout = '30s';
    lock table {{ table.sources | join(', ') }} in share mode;
    {%- endif %}
    select 1
  {%- endcall -%}
  {%- if table.refresh_mode != 'IMMEDIATE' and pgtrickle__rows(pgtrickle__rows(pgtrickle__pending_question(table.pgt_id))[0].question)[0].pending -%}
    {%- call statement('pgtrickle_refresh', auto_begin=true) -%}
      {{ pgtrickle__refresh_block(table.call_name, failing=true) }};
      select 1
    {%- endcall -%}
  {%- endif -%}
{% endmacro %}
