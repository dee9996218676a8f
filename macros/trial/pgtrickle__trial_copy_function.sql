{#- pg_temp.dbt_pgtrickle_trial_copy(described jsonb, prefix text): makes the relations of a query again, in schemas of their own:
    <prefix> and one <prefix>_1, … for each schema that the query reads from, so that tables keep their names. Neither
    defaults nor checks nor foreign keys come along: they run somebody's code.
    described: from dbt_pgtrickle_trial_sources. Gives it with `copy` (the quoted name), `target` (the table to write into; none for a
    view) in each relation, and `names` for dbt_pgtrickle_rename. -#}
{% macro pgtrickle__trial_copy_function() -%}
  {%- set body -%}
declare
  relation jsonb;
  place int;
  home text;
  copy text;
  target text;
  names jsonb := '{}';
  homes jsonb;
begin
  select jsonb_object_agg(name, prefix || '_' || number) into homes
  from (select value ->> 'schema' as name, row_number() over () as number from jsonb_array_elements(described -> 'relations') group by 1) as schemas;
  execute format('create schema %I', prefix);
  for home in select value from jsonb_each_text(homes) loop
    execute format('create schema %I', home);
  end loop;
  for place, relation in select ordinality - 1, value from jsonb_array_elements(described -> 'relations') with ordinality loop
    copy := format('%I.%I', homes ->> (relation ->> 'schema'), relation ->> 'table');
    target := copy;
    if relation ->> 'kind' = 'v' then
      execute format('create view %s as %s', copy, pg_temp.dbt_pgtrickle_rename(relation ->> 'definition', names));
      target := null;
    else
      if relation ->> 'kind' = 'm' then
        target := format('%I.%I', prefix, 'base_' || place);
      end if;
      execute format('create table %s (%s)%s', target, (
        select string_agg(definition, ', ') from (
          select format('%I %s%s%s', value ->> 'name', value ->> 'type', coalesce(' collate ' || (value ->> 'collation'), ''),
            coalesce(value ->> 'generated', case when not (value ->> 'nullable')::boolean then ' not null' end, '')) as definition
          from jsonb_array_elements(relation -> 'columns')
          union all
          select format('%s (%s)', case when ordinality = 1 and keyed then 'primary key' else 'unique' end,
            (select string_agg(quote_ident(name), ', ' order by number) from jsonb_array_elements_text(value) with ordinality as key (name, number)))
          from jsonb_array_elements(relation -> 'keys') with ordinality,
            (select bool_or((value ->> 'key')::boolean) as keyed from jsonb_array_elements(relation -> 'columns')) as columns
        ) as definitions
      ), ' partition by ' || (relation ->> 'partitioned'));
      if relation ->> 'partitioned' is not null then
        execute format('create table %I.%I partition of %s %s', prefix, 'part_' || place, target,
          case when starts_with(relation ->> 'partitioned', 'HASH') then 'for values with (modulus 1, remainder 0)' else 'default' end);
      end if;
      if relation ->> 'kind' = 'm' then
        execute format('create materialized view %s as select * from %s', copy, target);
      end if;
    end if;
    names := names || jsonb_build_object(relation ->> 'name', copy);
    described := jsonb_set(described, array['relations', place::text], relation || jsonb_build_object(
      'copy', copy, 'target', target, 'insertable', (
        select string_agg(quote_ident(value ->> 'name'), ', ' order by ordinality)
        from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null)));
  end loop;
  return described || jsonb_build_object('names', names, 'prefix', prefix);
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_copy(described jsonb, prefix text)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
