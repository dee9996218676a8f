{#- pg_temp.dbt_pgtrickle_distinct(query text, relations jsonb): the query with DISTINCT, where PostgreSQL proves that no two of its rows
    are equal: from the query of the one stream table whose columns and rows it selects. 0.67.0 keeps some columns of a stream table's under
    a condition so, and without DISTINCT leaves rows that no longer meet it. Null where nothing is proven. relations: [{schema, name}] that
    it reads. Relies on pg_temp.dbt_pgtrickle_plan, _reads, _rename and _temporary. -#}
{% macro pgtrickle__distinct_function() -%}
  {%- set body -%}
declare
  source record;
  held regclass;
  names text[];
  node jsonb;
begin
  -- here, where it is caught: this role may have no right to its schema
  select schema || '.' || name as name, defining_query as query into source
  from jsonb_to_recordset(relations) as read (schema text, name text)
  join pgtrickle.pgt_stream_tables on pgt_relid = format('%I.%I', schema, name)::regclass;
  if not found or jsonb_array_length(relations) <> 1
    -- which lets NULLs come twice
    or exists (
      select from pg_temp.dbt_pgtrickle_reads(pg_temp.dbt_pgtrickle_temporary(source.query)) as read
      join pg_index as unique_index on indrelid = read.oid and indisunique
      join pg_attribute as keyed on keyed.attrelid = indrelid and keyed.attnum = any (indkey) and not keyed.attnotnull) then
    return null;
  end if;
  held := pg_temp.dbt_pgtrickle_temporary(query);
  names := array(select quote_ident(attname) from pg_attribute where attrelid = held and attnum > 0 order by attnum);
  -- a LEFT JOIN that can find one row at most is dropped from the plan
  select plan.node into node
  from pg_temp.dbt_pgtrickle_plan(pg_temp.dbt_pgtrickle_temporary(format(
    'select 1 as one from %s as held left join (%s) as asked on %s', held,
    pg_temp.dbt_pgtrickle_rename(query, jsonb_build_object(source.name, format('(%s)', source.query)), true),
    (select string_agg(format('asked.%1$s = held.%1$s', name), ' and ') from unnest(names) as name)))) as plan;
  return case when node ? 'Relation Name' and not node ? 'Plans'
    then format('SELECT DISTINCT %s FROM (%s) as rows', array_to_string(names, ', '), query) end;
exception
  when query_canceled then raise;
  when others then return null;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_distinct(query text, relations jsonb)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
