{#- pgtrickle__comparison_summary of a stream table, under the scheduler's settings. In one statement, since dbt v2 commits each by itself.
    table: a row of pgtrickle__contents; refresh: keep writers from what it reads, and bring it up to date first. One that nothing waits
    for is left as it is: a full refresh would mend just what the comparison is to find. -#}
{% macro pgtrickle__compare_now(table, refresh) %}
  {%- set body %}
  declare
    question text;
    pending boolean;
    answer jsonb;
  begin
  {%- if refresh and table.sources %}
    perform set_config('lock_timeout', '30s', true);
    lock table {{ table.sources | join(', ') }} in share mode;
  {%- endif %}
  {%- if refresh and table.refresh_mode != 'IMMEDIATE' %}
    {#- executed, so that its names are never those of this block #}
    execute {{ pgtrickle__dollar_quote(pgtrickle__pending_question(table.pgt_id)) }} into question;
    execute question into pending;
    if pending then
      {{ pgtrickle__refresh_body(table.call_name, failing=true) }}
    end if;
  {%- endif %}
    perform set_config('search_path', {{ pgtrickle__scheduler_path() }}, true);
    execute {{ pgtrickle__dollar_quote(
      'select pg_catalog.to_jsonb(found) from (' ~ pgtrickle__comparison_summary(table, examples=1) ~ ') as found') }} into answer;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    {{ pgtrickle__answer('answer') }}
  end;
  {%- endset %}
  {%- do return(pgtrickle__told_by(pgtrickle__do_as_scheduler(body))) -%}
{% endmacro %}
