{#- pg_temp.dbt_pgtrickle_proven_key(relation oid, query text, path text): the columns by which the rows of a stream table are distinct,
    as PostgreSQL proves it from its query: a LEFT JOIN that can find one row at most is dropped from the plan (of a query
    that groups, or says DISTINCT, or selects from one table with its key). [name], null where it proves nothing. -#}
{% macro pgtrickle__proven_key_function() -%}
  {%- set body -%}
declare
  names text[];
  fewer text[];
  name text;
begin
  select array_agg(quote_ident(attname) order by attnum) into names
  from pg_attribute join pg_type on pg_type.oid = atttypid
  where attrelid = relation and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')
    and typname not in ('json', 'xml') and typcategory <> 'G'; -- these have no equality
  if names is null or not pg_temp.dbt_pgtrickle_is_distinct(relation, query, path, names) then
    return null;
  end if;
  foreach name in array names loop
    fewer := array_remove(names, name);
    if fewer <> '{}' and pg_temp.dbt_pgtrickle_is_distinct(relation, query, path, fewer) then
      names := fewer;
    end if;
  end loop;
  return (select jsonb_agg((parse_ident(quoted))[1] order by place) from unnest(names) with ordinality as key (quoted, place));
exception
  when query_canceled then raise;
  when others then return null;
end
  {%- endset -%}
  {%- set is_distinct -%}
select count(*) = 1
from jsonb_path_query(pg_temp.dbt_pgtrickle_json(format('explain (format json, costs off) select 1 from %s as held left join (%s
) as asked on %s', relation::regclass, query, (select string_agg(format('asked.%1$s = held.%1$s', name), ' and ')
  from unnest(names) as name)), path), 'strict $.**."Node Type"')
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_is_distinct(relation oid, query text, path text, names text[])', 'boolean', 'sql',
    is_distinct) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_proven_key(relation oid, query text, path text)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
