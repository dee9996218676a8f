{#- pg_temp.dbt_pgtrickle_canonical(query text, scans jsonb): the query in PostgreSQL's own words, every name resolved and
    qualified, no stars, ON for USING; each column of the temporary views that it reads is called <view>_<number> in it, and from
    then on. scans: {temporary view: what dbt_pgtrickle_scan gives}. -#}
{% macro pgtrickle__canonical_function() -%}
  {%- set body -%}
declare
  -- below another query, PostgreSQL qualifies the columns of a single relation too
  relation regclass := pg_temp.dbt_pgtrickle_temporary(format(E'select 1 as x from (%s\n) as q', query));
  entry record;
begin
  for entry in
    select view, number, scan -> 'columns' -> number - 1 ->> 'name' as name
    from jsonb_each(scans) as known (view, scan), generate_series(1, jsonb_array_length(scan -> 'columns')) as number
  loop
    execute format('alter view %I rename column %I to %I', entry.view, entry.name, entry.view || '_' || entry.number);
  end loop;
  return pg_temp.dbt_pgtrickle_usings(
    regexp_replace(pg_temp.dbt_pgtrickle_words(relation), '^\s*SELECT 1 AS x\s+FROM \(\s*(.*)\) q$', '\1'));
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_canonical(query text, scans jsonb)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
