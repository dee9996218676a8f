{#- pg_temp.dbt_pgtrickle_stand_ins(query text, inout known jsonb, out spelt text): the query with temporary views in the
    place of its views, each over tables alone, however deep; a view with something in the way stays. Pure.
    known: {"schema.name": {view: the temporary one, scan: of dbt_pgtrickle_scan or null, text: its query} or {reason}}. -#}
{% macro pgtrickle__stand_ins_function() -%}
  {%- set body -%}
declare
  original regclass := pg_temp.dbt_pgtrickle_temporary(query);
  entry record;
  flat record;
  inner_text text;
  reason text;
  names jsonb := '{}';
  certain text;
begin
  for entry in
    select * from pg_temp.dbt_pgtrickle_reads(original) where kind = 'v' and name not like '%.__dbt_pgtrickle_%'
  loop
    if not known ? entry.name then
      reason := pg_temp.dbt_pgtrickle_obstacle(entry.oid);
      if reason is not null then
        known := known || jsonb_build_object(entry.name, jsonb_build_object('reason', reason));
      else
        select * into flat from pg_temp.dbt_pgtrickle_flat_form(entry.oid);
        if flat.view is null then
          select s.known, s.spelt into known, inner_text from pg_temp.dbt_pgtrickle_stand_ins(pg_temp.dbt_pgtrickle_words(entry.oid), known) as s;
          flat.view := pg_temp.dbt_pgtrickle_temporary(inner_text);
        else
          inner_text := pg_temp.dbt_pgtrickle_select(flat.scan);
        end if;
        known := known || jsonb_build_object(entry.name, jsonb_build_object('view', flat.view, 'scan', flat.scan, 'text', inner_text));
      end if;
    end if;
    names := names || jsonb_strip_nulls(jsonb_build_object(entry.name, known -> entry.name -> 'view'));
  end loop;
  certain := pg_temp.dbt_pgtrickle_rename(pg_temp.dbt_pgtrickle_words(original), names, true);
  spelt := pg_temp.dbt_pgtrickle_rename(query, names, true);
  -- a name without its schema, or one that isn't a relation's: PostgreSQL's own words have neither
  if pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(spelt)) <> pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(certain)) then
    spelt := certain;
  end if;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_stand_ins(query text, inout known jsonb, out spelt text)
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
