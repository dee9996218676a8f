{#- pg_temp.dbt_pgtrickle_spellings(query text, known jsonb): the ways to write a query over the tables under its views, best
    first; the last is what the others have to prove equal to. query, known: of dbt_pgtrickle_stand_ins. Pure. -#}
{% macro pgtrickle__spellings_function() -%}
  {%- set body -%}
declare
  unfolded text := pg_temp.dbt_pgtrickle_written_out(query, known, false, false);
  scan jsonb := pg_temp.dbt_pgtrickle_scan(pg_temp.dbt_pgtrickle_temporary(unfolded));
  scans jsonb;
  pulled record;
begin
  if scan is not null then
    return next pg_temp.dbt_pgtrickle_projection(scan);
  else
    select coalesce(jsonb_object_agg(value ->> 'view', value -> 'scan') filter (where value ->> 'scan' is not null), '{}') into scans
    from jsonb_each(known);
    select * into pulled from pg_temp.dbt_pgtrickle_pulled_up(unfolded, scans);
    if pulled.scans <> '{}' then
      return next pg_temp.dbt_pgtrickle_lists(
        pg_temp.dbt_pgtrickle_merged(pg_temp.dbt_pgtrickle_canonical(pulled.spelt, pulled.scans), pulled.scans));
    end if;
  end if;
  return next pg_temp.dbt_pgtrickle_written_out(query, known, true);
  return next pg_temp.dbt_pgtrickle_written_out(query, known, false);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_spellings(query text, known jsonb)
returns setof text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
