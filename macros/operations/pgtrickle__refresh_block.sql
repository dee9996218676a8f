{#- The statement that refreshes one table, under the scheduler's settings, and tries again while another session does. A refresh that gave
    way says so only in a notice, which dbt doesn't show: the catalog's time tells. One that found its query's columns moved applies nothing
    and sets needs_reinit: the next one fills anew (observed on 0.67.0).

    failing: raise what goes wrong; else answer {outcome, cause}, for an error must not end an operation, and Jinja can't catch one. -#}
{% macro pgtrickle__refresh_block(call_name, failing=false) %}
  {% do return(pgtrickle__do_as_scheduler(pgtrickle__refresh_body(call_name, failing))) %}
{% endmacro %}

{#- The same as PL/pgSQL. -#}
{% macro pgtrickle__refresh_body(call_name, failing) %}
  {%- set name = pgtrickle__literal(call_name) -%}
  {%- set clock -%}
    (select last_refresh_at from pgtrickle.pgt_stream_tables where pgt_schema || '.' || pgt_name = {{ name }})
  {%- endset -%}
    declare
      before timestamptz := {{ clock }};
      told jsonb := '{"outcome": "skipped", "cause": "another session refreshes it"}';
    begin
      for attempt in 1..20 loop
        perform {{ pgtrickle__as_theirs('pgtrickle.refresh_stream_table(' ~ name ~ ')') }};
        if {{ clock }} is distinct from before and not exists (
          select from pgtrickle.pgt_stream_tables where pgt_schema || '.' || pgt_name = {{ name }} and needs_reinit
        ) then
          told := '{"outcome": "refreshed", "cause": ""}';
          exit;
        end if;
        perform pg_sleep(0.25);
      end loop;
      {%- if failing %}
      if told ->> 'outcome' = 'skipped' then
        raise exception using message = {{ pgtrickle__literal('another session refreshes ' ~ call_name) }};
      end if;
      {%- else %}
      {{ pgtrickle__answer('told') }}
    exception when others then
      {{ pgtrickle__answer("jsonb_build_object('outcome', 'failed', 'cause', sqlerrm)") }}
      {%- endif %}
    end;
{% endmacro %}
