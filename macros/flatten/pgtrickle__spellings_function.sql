{#- pg_temp.dbt_pgtrickle_spellings(query text, known jsonb): the ways to write a query over the tables under its views, best
    first; the last is what the others have to prove equal to. query, known: of dbt_pgtrickle_stand_ins. Pure. -#}
{% macro pgtrickle__spellings_function() -%}
  {%- set body -%}
declare
  led text := pg_temp.dbt_pgtrickle_led(query, known, false);
  relation regclass := pg_temp.dbt_pgtrickle_temporary(led);
  scan jsonb := pg_temp.dbt_pgtrickle_scan(relation);
  scans jsonb;
  source record;
  view regclass;
begin
  if scan is not null then
    return next pg_temp.dbt_pgtrickle_projection(scan);
  else
    select coalesce(jsonb_object_agg(listed.view, listed.scan) filter (where listed.scan is not null), '{}') into scans
    from pg_temp.dbt_pgtrickle_in_order(known) as listed;
    for source in select * from pg_temp.dbt_pgtrickle_reads(relation) where kind = 'r' loop
      view := pg_temp.dbt_pgtrickle_temporary(format('select * from %s', source.oid::regclass));
      scan := pg_temp.dbt_pgtrickle_scan(view);
      if scan is not null then
        scans := scans || jsonb_build_object(view, scan);
        led := pg_temp.dbt_pgtrickle_rename(led, jsonb_build_object(source.name, view), true);
      end if;
    end loop;
    select p.scans, p.spelt into scans, led from pg_temp.dbt_pgtrickle_pulled_up(led, scans) as p;
    return next pg_temp.dbt_pgtrickle_lists(pg_temp.dbt_pgtrickle_merged(pg_temp.dbt_pgtrickle_canonical(led, scans), scans));
  end if;
  return next pg_temp.dbt_pgtrickle_lists(pg_temp.dbt_pgtrickle_led(query, known, true));
  return next pg_temp.dbt_pgtrickle_lists(pg_temp.dbt_pgtrickle_written_out(query, known));
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_spellings(query text, known jsonb)
returns setof text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
