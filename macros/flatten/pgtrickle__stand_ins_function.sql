{#- pg_temp.dbt_pgtrickle_stand_ins(query text, inout known jsonb, out spelt text): the query with temporary views in the
    place of its views, each over tables alone, however deep; a view with something in the way stays. Pure.
    known: {"schema.name": what dbt_pgtrickle_stand_in gives}. -#}
{% macro pgtrickle__stand_ins_function() -%}
  {%- set body -%}
declare
  original regclass := pg_temp.dbt_pgtrickle_temporary(query);
  source record;
  entry jsonb;
  names jsonb := '{}';
  certain text;
begin
  for source in
    select * from pg_temp.dbt_pgtrickle_reads(original) where kind = 'v' and name not like '%.__dbt_pgtrickle_%'
  loop
    if not known ? source.name then
      select s.known, s.entry into known, entry from pg_temp.dbt_pgtrickle_stand_in(source.oid, known) as s;
      known := known || jsonb_build_object(source.name, entry);
    end if;
    names := names || jsonb_strip_nulls(jsonb_build_object(source.name, known -> source.name -> 'view'));
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
