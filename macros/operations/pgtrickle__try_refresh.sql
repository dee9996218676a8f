{#- Refresh one table and say what became of it, as {outcome, cause}. An error must not end the operation, and Jinja
    can't catch one; so PL/pgSQL does and leaves its text in a setting. A refresh that gave way to another session's
    says so only in a notice, which dbt doesn't show: the catalog's time tells. -#}
{% macro pgtrickle__try_refresh(table) %}
  {%- set name = pgtrickle__literal(table.call_name) -%}
  {%- set clock -%}
    (select last_refresh_at from pgtrickle.pgt_stream_tables where pgt_schema || '.' || pgt_name = {{ name }})
  {%- endset -%}
  {%- call statement('pgtrickle_refresh', auto_begin=true) -%}
    do $refresh$
    declare
      before timestamptz := {{ clock }};
    begin
      perform set_config('dbt_pgtrickle.outcome', 'skipped', false);
      perform set_config('dbt_pgtrickle.cause', 'another session refreshes it', false);
      for attempt in 1..20 loop
        perform pgtrickle.refresh_stream_table({{ name }});
        if {{ clock }} is distinct from before then
          perform set_config('dbt_pgtrickle.outcome', 'refreshed', false);
          perform set_config('dbt_pgtrickle.cause', '', false);
          exit;
        end if;
        perform pg_sleep(0.25);
      end loop;
    exception when others then
      perform set_config('dbt_pgtrickle.outcome', 'failed', false);
      perform set_config('dbt_pgtrickle.cause', sqlerrm, false);
    end
    $refresh$
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {{- return(pgtrickle__rows("select current_setting('dbt_pgtrickle.outcome') as outcome, current_setting('dbt_pgtrickle.cause') as cause")[0]) -}}
{% endmacro %}
