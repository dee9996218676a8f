{#- pg_temp.dbt_pgtrickle_trial_copy(described jsonb, prefix text): makes the relations of a query again, in schemas of their own:
    <prefix> and one <prefix>_1, … for each schema that the query reads from, so that tables keep their names. Neither
    defaults nor checks nor foreign keys come along: they run somebody's code.
    described: from dbt_pgtrickle_trial_sources. Gives it with `copy` (the quoted name), `target` (the table to write into; none for a
    view) and `settle` (what then brings the copy up to it) in each relation, and `names` for dbt_pgtrickle_rename.
    pg_temp.dbt_pgtrickle_trial_settle(copy text, target text, columns text): the statements that make a table what another one is, with
    the fewest changes: a refresh of a stream table hands on no more to those that read it. -#}
{% macro pgtrickle__trial_copy_function() -%}
  {%- set body -%}
declare
  relation jsonb;
  place int;
  home text;
  copy text;
  target text;
  columns text;
  settle text;
  names jsonb := '{}';
  homes jsonb;
begin
  select jsonb_object_agg(name, prefix || '_' || number) into homes
  from (select value ->> 'schema' as name, row_number() over () as number from jsonb_array_elements(described -> 'relations')
    group by 1) as schemas;
  execute format('create schema %I', prefix);
  for home in select value from jsonb_each_text(homes) loop
    execute format('create schema %I', home);
  end loop;
  for place, relation in select ordinality - 1, value from jsonb_array_elements(described -> 'relations') with ordinality loop
    copy := format('%I.%I', homes ->> (relation ->> 'schema'), relation ->> 'table');
    target := copy;
    settle := null;
    if relation ->> 'kind' = 'v' then
      execute format('create view %s as %s', copy, pg_temp.dbt_pgtrickle_rename(relation ->> 'definition', names));
      target := null;
    else
      columns := (
        select string_agg(quote_ident(value ->> 'name'), ', ' order by ordinality)
        from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null);
      if relation ->> 'kind' = 'm' or (relation ->> 'stream_table')::boolean then
        target := format('%I.%I', prefix, 'base_' || place);
      end if;
      execute format('create table %s (%s)%s', target, (
        select string_agg(definition, ', ') from (
          select format('%I %s%s%s', value ->> 'name', value ->> 'type', coalesce(' collate ' || (value ->> 'collation'), ''),
            coalesce(value ->> 'generated', case when not (value ->> 'nullable')::boolean then ' not null' end, '')) as definition
          from jsonb_array_elements(relation -> 'columns')
          union all
          select format('%s (%s)', case when ordinality = 1 and keyed then 'primary key' when (relation ->> 'stream_table')::boolean
            then 'unique nulls not distinct' else 'unique' end,
            (select string_agg(quote_ident(name), ', ' order by number) from jsonb_array_elements_text(value) with ordinality as key (name,
              number)))
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
        settle := format('refresh materialized view %s', copy);
      elsif target <> copy then
        execute format('create table %s (like %s)', copy, target);
        settle := pg_temp.dbt_pgtrickle_trial_settle(copy, target, columns);
      end if;
    end if;
    names := names || jsonb_build_object(relation ->> 'name', copy);
    described := jsonb_set(described, array['relations', place::text], relation || jsonb_build_object(
      'copy', copy, 'target', target, 'settle', settle, 'insertable', columns));
  end loop;
  return described || jsonb_build_object('names', names, 'prefix', prefix);
end
  {%- endset -%}
  {%- set settle -%}
select format($statements$
  delete from %1$s where ctid in (
    select dbt_pgtrickle_at from (
      select ctid as dbt_pgtrickle_at, row(%3$s)::text as dbt_pgtrickle_line, row_number()
        over (partition by row(%3$s)::text) as dbt_pgtrickle_nth from %1$s) as held
    where (dbt_pgtrickle_line, dbt_pgtrickle_nth) not in (select row(%3$s)::text, row_number() over (partition by row(%3$s)::text)
      from %2$s));
  insert into %1$s (%3$s) select %3$s from (
    select *, row(%3$s)::text as dbt_pgtrickle_line, row_number() over (partition by row(%3$s)::text) as dbt_pgtrickle_nth
      from %2$s) as wanted
  where (dbt_pgtrickle_line, dbt_pgtrickle_nth) not in (select row(%3$s)::text, row_number() over (partition by row(%3$s)::text) from %1$s)
$statements$, copy, target, columns)
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_settle(copy text, target text, columns text)', 'text', 'sql', settle) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_copy(described jsonb, prefix text)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
