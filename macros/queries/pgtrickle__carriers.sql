{#- What is no stream table and has columns that pg_trickle keeps for itself in one, having taken them along with `*`: they
    change where nothing that the model means does. -#}
{% macro pgtrickle__carriers() -%}
select
  namespace.nspname::text as schema_name,
  relation.relname::text as table_name,
  namespace.nspname || '.' || relation.relname as subject,
  'it takes along what pg_trickle keeps for itself in a stream table: '
    || string_agg(attribute.attname, ', ' order by attribute.attnum) as cause,
  'Write pgtrickle_star(ref(…)) in the place of *'
    || case when relation.relkind in ('r', 'p') then ' and build it with --full-refresh' else '' end as remedy
from pg_catalog.pg_attribute attribute
join pg_catalog.pg_class relation on relation.oid = attribute.attrelid
join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
where attribute.attname like '\_\_pgt\_%' and attribute.attnum > 0 and not attribute.attisdropped
  and relation.relkind in ('r', 'p', 'v', 'm') and not relation.relispartition
  and namespace.nspname not in ('pgtrickle', {{ pgtrickle__buffers_schema() }}) and not starts_with(namespace.nspname, 'pg_')
  and relation.oid not in (select pgt_relid from pgtrickle.pgt_stream_tables)
group by namespace.nspname, relation.relname, relation.relkind
order by subject
{%- endmacro %}
