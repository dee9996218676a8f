{#- pg_temp.dbt_pgtrickle_visible(query text, relations jsonb): the query, as JSON text, with a subquery of what dbt sees of it in the
    place of each of these relations that has columns of pg_trickle's own: no `*` takes them along then, however deep. Null where none has.
    relations: [{schema, name}]. -#}
{% macro pgtrickle__visible_function() -%}
  {%- set body -%}
select to_jsonb(pg_temp.dbt_pgtrickle_rename(query, jsonb_object_agg(name, format('(select %s from %s)', columns, relation)), true))
from (
  select
    nspname || '.' || relname as name,
    format('%I.%I', nspname, relname) as relation,
    string_agg(quote_ident(attname), ', ' order by attnum) filter (where not starts_with(attname, '__pgt_')) as columns
  from jsonb_to_recordset(relations) as listed (schema text, name text)
  join pg_namespace on nspname = listed.schema
  join pg_class on relnamespace = pg_namespace.oid and relname = listed.name
  join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
  group by nspname, relname
  having bool_or(starts_with(attname, '__pgt_'))
) as carriers
having count(*) > 0
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_visible(query text, relations jsonb)
returns jsonb
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
