{#- pg_temp.dbt_pgtrickle_flat_form(relation regclass): makes a temporary view of columns and rows of the one table under a
    view, proven to mean the same. Gives (view, scan: of dbt_pgtrickle_scan), nulls where it is more than that. -#}
{% macro pgtrickle__flat_form_function() -%}
  {%- set body -%}
begin
  scan := pg_temp.dbt_pgtrickle_scan(relation);
  if scan is not null then
    view := pg_temp.dbt_pgtrickle_temporary(pg_temp.dbt_pgtrickle_select(scan));
    if pg_temp.dbt_pgtrickle_meaning(relation) <> pg_temp.dbt_pgtrickle_meaning(view) then
      raise sqlstate 'PGT00';
    end if;
  end if;
exception
  when query_canceled then raise;
  when others then
    scan := null;
    view := null;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_flat_form(relation regclass, out view regclass, out scan jsonb)
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
