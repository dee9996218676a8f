{#- pg_temp.dbt_pgtrickle_stand_ins(query text, inout known jsonb, out spelt text): the query with temporary views in the
    place of its views, each over tables alone, however deep; a view with something in the way stays.
    known: {"schema.name": what dbt_pgtrickle_stand_in gives}.
    pg_temp.dbt_pgtrickle_in_order(known jsonb): its temporary views, readers before what they read. -#}
{% macro pgtrickle__stand_ins_function() -%}
  {%- set in_order -%}
select key, value ->> 'view', value ->> 'text', nullif(value -> 'scan', 'null')
from jsonb_each(known)
where value ? 'view'
order by substr(value ->> 'view', length('__dbt_pgtrickle_') + 1)::int desc
  {%- endset -%}
  {%- set body -%}
declare
  original regclass := pg_temp.dbt_pgtrickle_temporary(query);
  source record;
  entry jsonb;
  names jsonb := '{}';
  certain text;
begin
  for source in
    select * from pg_temp.dbt_pgtrickle_reads(original) where depth = 1 and kind = 'v' and name not like '%.__dbt_pgtrickle_%'
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
  if pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(spelt)) <>
    pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(certain)) then
    spelt := certain;
  end if;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_in_order(known jsonb)
returns table (name text, view text, text text, scan jsonb)
language sql as {{ pgtrickle__literal(in_order) }};
create or replace function pg_temp.dbt_pgtrickle_stand_ins(query text, inout known jsonb, out spelt text)
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
