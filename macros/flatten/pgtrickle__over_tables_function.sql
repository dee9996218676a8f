{#- pg_temp.dbt_pgtrickle_over_tables(query text, known jsonb): the query in the flattest form that it has: a projection of
    one table, or joins of tables. query, known: of dbt_pgtrickle_stand_ins. -#}
{% macro pgtrickle__over_tables_function() -%}
  {%- set body -%}
declare
  spelt text := pg_temp.dbt_pgtrickle_as_ctes(query, known, false);
  relation regclass := pg_temp.dbt_pgtrickle_temporary(spelt);
  scan jsonb := pg_temp.dbt_pgtrickle_scan(relation);
  scans jsonb;
  source record;
  view regclass;
begin
  if scan is not null then
    return pg_temp.dbt_pgtrickle_projection(scan);
  end if;
  select coalesce(jsonb_object_agg(listed.view, listed.scan) filter (where listed.scan is not null), '{}') into scans
  from pg_temp.dbt_pgtrickle_in_order(known) as listed;
  for source in select * from pg_temp.dbt_pgtrickle_reads(relation) where depth = 1 and kind = 'r' loop
    view := pg_temp.dbt_pgtrickle_temporary(format('select * from %s', source.oid::regclass));
    scan := pg_temp.dbt_pgtrickle_scan(view);
    if scan is not null then
      scans := scans || jsonb_build_object(view, scan);
      spelt := pg_temp.dbt_pgtrickle_rename(spelt, jsonb_build_object(source.name, view), true);
    end if;
  end loop;
  select p.scans, p.spelt into scans, spelt from pg_temp.dbt_pgtrickle_pulled_up(spelt, scans) as p;
  return pg_temp.dbt_pgtrickle_merged(pg_temp.dbt_pgtrickle_canonical(spelt, scans), scans);
exception
  when query_canceled then raise;
  -- what this doesn't know how to write, as a WITH RECURSIVE among views
  when others then return null;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_over_tables(query text, known jsonb)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
