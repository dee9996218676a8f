{#- pg_temp.dbt_pgtrickle_do(statement text, path text) and pg_temp.dbt_pgtrickle_json(statement text, path text): run what
    isn't ours under the search_path that it was written for, while everything of ours runs under a pinned one.
    The second gives the statement's one value. -#}
{% macro pgtrickle__as_caller_functions() -%}
  {%- set run -%}
begin
  perform set_config('search_path', path, true);
  execute statement;
end
  {%- endset -%}
  {%- set ask -%}
declare
  answer jsonb;
begin
  perform set_config('search_path', path, true);
  execute statement into answer;
  return answer;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_do(statement text, path text)
returns void
language plpgsql set search_path = pg_catalog, pg_temp
as {{ pgtrickle__literal(run) }};
create or replace function pg_temp.dbt_pgtrickle_json(statement text, path text)
returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp
as {{ pgtrickle__literal(ask) }};
{%- endmacro %}
