{#- pg_temp.dbt_pgtrickle_scan(relation regclass): a view, whatever views, CTEs and subqueries it is made of, as columns
    and rows of the one table under it, in PostgreSQL's own words; null where it is more than that, or something is
    in the way.
    Gives {table: as SQL has it, alias, filter, columns: [{name, expression, number: of the table's column that it is}]}. -#}
{% macro pgtrickle__scan_function() -%}
  {%- set body -%}
declare
  node jsonb;
begin
  if pg_temp.dbt_pgtrickle_obstacle(relation) is not null then
    return null;
  end if;
  select p.node into node from pg_temp.dbt_pgtrickle_plan(relation) as p;
  return (
    select jsonb_build_object(
      'table', format('%I.%I', node ->> 'Schema', node ->> 'Relation Name'),
      'alias', node -> 'Alias',
      'filter', pg_temp.dbt_pgtrickle_lists(node ->> 'Filter'),
      'columns', jsonb_agg(jsonb_build_object(
        'name', output.attname,
        'expression', pg_temp.dbt_pgtrickle_lists(item),
        'number', (
          select attnum from pg_attribute
          where attrelid = source.oid and attnum > 0 and format('%I.%I', node ->> 'Alias', attname) = item)
      ) order by place))
    from (
      -- a join that PostgreSQL leaves out for a key's sake counts as one
      select max(oid::bigint)::oid as oid
      from pg_temp.dbt_pgtrickle_reads(relation)
      where kind <> 'v'
      having count(*) = 1 and bool_and(kind = 'r' and name = concat_ws('.', node ->> 'Schema', node ->> 'Relation Name'))
    ) as source,
      jsonb_array_elements_text(node -> 'Output') with ordinality as listed (item, place)
      join pg_attribute output on output.attrelid = relation and output.attnum = place
    where node ->> 'Node Type' = 'Seq Scan'
      and not exists (
        select from jsonb_object_keys(node) as key
        where key not in ('Node Type', 'Parallel Aware', 'Async Capable', 'Relation Name', 'Schema', 'Alias', 'Disabled', 'Output',
          'Filter'))
    having count(*) = (select count(*) from pg_attribute where attrelid = relation and attnum > 0)
  );
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_scan(relation regclass)
returns jsonb
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
