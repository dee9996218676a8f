{#- The tables that a stream table reads, each with the buffer of its changes: source and buffer as (schema, name), and a
    column of the source that can be written.

    call_name: of the stream table, as the catalog has it. -#}
{% macro pgtrickle__change_buffers(call_name) -%}
select
  array[namespace.nspname, source.relname]::text[] as source,
  array[{{ pgtrickle__buffers_schema() }}, buffer.relname]::text[] as buffer,
  pg_get_userbyid(source.relowner)::text as source_owner,
  (
    select attname from pg_catalog.pg_attribute
    where attrelid = source.oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'
    order by attnum limit 1
  ) as first_column
from pgtrickle.pgt_stream_tables stream_table
join pgtrickle.pgt_dependencies dependency using (pgt_id)
join pg_catalog.pg_class source on source.oid = dependency.source_relid and dependency.source_type = 'TABLE'
join pg_catalog.pg_namespace namespace on namespace.oid = source.relnamespace
join pg_catalog.pg_class buffer
  on buffer.relnamespace = {{ pgtrickle__buffers_namespace() }}
  and buffer.relname = 'changes_' || pgtrickle.source_stable_name(source.oid)
where stream_table.pgt_schema || '.' || stream_table.pgt_name = {{ call_name }}
{%- endmacro %}
