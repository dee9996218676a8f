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
{{ pgtrickle__pinned_function('dbt_pgtrickle_do(statement text, path text)', 'void', 'plpgsql', run) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_json(statement text, path text)', 'jsonb', 'plpgsql', ask) }}
{%- endmacro %}
