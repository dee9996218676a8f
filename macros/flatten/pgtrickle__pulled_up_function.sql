{#- pg_temp.dbt_pgtrickle_pulled_up(query text, inout scans jsonb, out spelt text): the query without those of its own CTEs that
    are columns and rows of one table: temporary views stand in for them; and without those that only pass on another.
    scans: {temporary view: what dbt_pgtrickle_scan gives}, with the new ones. -#}
{% macro pgtrickle__pulled_up_function() -%}
  {%- set body -%}
declare
  own record;
  names text[] := '{}';
  bodies text[] := '{}';
  body text;
  flat record;
  passed_on text;
  stand_ins jsonb := '{}';
begin
  select * into own from pg_temp.dbt_pgtrickle_with(query);
  for number in 1..cardinality(own.names) loop
    body := pg_temp.dbt_pgtrickle_rename(own.bodies[number], stand_ins, true);
    select * into flat from pg_temp.dbt_pgtrickle_flat_form(pg_temp.dbt_pgtrickle_temporary(pg_temp.dbt_pgtrickle_ctes(names, bodies)
      || body));
    passed_on := coalesce(flat.view::text, pg_temp.dbt_pgtrickle_passed_on(names, bodies, body));
    if flat.view is not null then
      scans := scans || jsonb_build_object(flat.view, flat.scan);
    end if;
    if passed_on is null then
      names := names || own.names[number];
      bodies := bodies || body;
    else
      stand_ins := stand_ins || jsonb_build_object(own.names[number], passed_on);
    end if;
  end loop;
  spelt := pg_temp.dbt_pgtrickle_rename(own.main, stand_ins, true);
  -- a last CTE that is all of the result
  if quote_ident(names[cardinality(names)]) = pg_temp.dbt_pgtrickle_passed_on(names, bodies, spelt) then
    spelt := bodies[cardinality(bodies)];
    names := trim_array(names, 1);
    bodies := trim_array(bodies, 1);
  end if;
  spelt := pg_temp.dbt_pgtrickle_ctes(names, bodies) || spelt;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_pulled_up(query text, inout scans jsonb, out spelt text)
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
