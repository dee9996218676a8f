{#- pg_temp.dbt_pgtrickle_as_ctes(query text, known jsonb, flat boolean): the query with leading CTEs in the place of the
    temporary views of dbt_pgtrickle_stand_ins, which gave both, as dbt does with ephemeral models: the extension takes no
    WITH but the first (0.67.0). A CTE of the query's own that only imports one gives way to it.
    flat: also those that are columns and rows of one table. -#}
{% macro pgtrickle__as_ctes_function() -%}
  {%- set body -%}
declare
  entry record;
  view record;
  names text[];
  bodies text[];
  main text;
  number text;
  name text;
begin
  if not exists (select from pg_temp.dbt_pgtrickle_in_order(known)) then
    return (query);
  end if;
  select w.names, w.bodies, w.main into names, bodies, main from pg_temp.dbt_pgtrickle_with(query) as w;
  for entry in select * from pg_temp.dbt_pgtrickle_in_order(known) as listed where flat or listed.scan is null loop
    select * into view from pg_temp.dbt_pgtrickle_with(entry.text);
    number := replace(entry.view, '__dbt_pgtrickle', '');
    name := split_part(entry.name, '.', 2);
    name := name || case when name = any (names) then number else '' end;
    if view.names = '{}' then
      bodies := array(
        select regexp_replace(cte, format('^\s*select\s+\*\s+from\s+%s(\s+(as\s+)?(\w+|"[^"]+"))?\s*$', entry.view),
          replace(view.main, '\', '\\'), 'i')
        from unnest(bodies) with ordinality as own (cte, position) order by position);
    end if;
    if array_to_string(bodies || main, ' ') ~ format('\m%s\M', entry.view) then
      select
        array(select inner_name || number from unnest(view.names) as inner_name) || name || names,
        array(select pg_temp.dbt_pgtrickle_rename(cte, renamed, true) from unnest(view.bodies || view.main) with ordinality as own (cte,
          position) order by position)
          || array(select pg_temp.dbt_pgtrickle_rename(cte, jsonb_build_object(entry.view, quote_ident(name)))
            from unnest(bodies) with ordinality as own (cte, position) order by position)
      into names, bodies
      from (select coalesce(jsonb_object_agg(inner_name, quote_ident(inner_name || number)), '{}') as renamed
        from unnest(view.names) as inner_name) as inner_names;
      main := pg_temp.dbt_pgtrickle_rename(main, jsonb_build_object(entry.view, quote_ident(name)));
    end if;
  end loop;
  return pg_temp.dbt_pgtrickle_ctes(names, bodies) || main;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_as_ctes(query text, known jsonb, flat boolean)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
