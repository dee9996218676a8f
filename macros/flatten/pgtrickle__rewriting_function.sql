{#- The statement that makes pg_temp.dbt_pgtrickle_<name>(query text): the query in other words, null where there are none, or where it is
    of a kind that this can't read. statements: PL/pgSQL that changes `changed`, by what it reads into `part`; declarations: of what else
    that needs. -#}
{% macro pgtrickle__rewriting_function(name, statements, declarations='') -%}
  {%- set body -%}
declare
  changed text := query;
  part record;
  {{ declarations }}
begin
{{ statements }}
  if changed <> query then
    -- or PostgreSQL says why not
    perform pg_temp.dbt_pgtrickle_temporary(changed);
  end if;
  return nullif(changed, query);
exception
  when query_canceled then raise;
  when others then return null;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_{{ name }}(query text)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
