{#- Why a stream table can't be relied on whatever its age; null where nothing of the kind is known. For rows that join
    pgtrickle__tables with pgtrickle__models. -#}
{% macro pgtrickle__obstacle() -%}
case
  when pgt_id is null and exists (
    select from pg_catalog.pg_class relation
    join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
    where namespace.nspname = schema_name and relation.relname = table_name
  ) then 'not_a_stream_table'
  when pgt_id is null then 'not_in_database'
  when place in ('gone', 'restored') then 'storage_gone'
  when fuse_state = 'blown' then 'fuse_blown'
  when status = 'SUSPENDED' and paused then 'paused'
  when status = 'SUSPENDED' then 'suspended'
  when place = 'renamed' then 'renamed'
  when status = 'ERROR' and source_gone then 'source_dropped'
  when status = 'ERROR' then 'failed'
  when status = 'INITIALIZING' or is_populated is not true then 'never_populated'
  when status is distinct from 'ACTIVE' then 'unknown_status'
  when strayed_names is not null then 'source_renamed'
end
{%- endmacro %}
