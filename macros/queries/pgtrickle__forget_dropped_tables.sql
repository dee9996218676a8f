{#- Takes the tables that are gone out of what the IMMEDIATE ones of these stream tables read: pg_trickle 0.67.0 wants to drop its
    triggers on them, and so refuses (42601) to drop the stream table, or to alter its query or mode, for ever.

    ids: SQL array of pgt_id. -#}
{% macro pgtrickle__forget_dropped_tables(ids) -%}
delete from pgtrickle.pgt_dependencies as dependency
where dependency.pgt_id = any ({{ ids }})
  and dependency.pgt_id in (select pgt_id from pgtrickle.pgt_stream_tables where refresh_mode = 'IMMEDIATE')
  and dependency.source_type = 'TABLE'
  and not exists (select from pg_catalog.pg_class where oid = dependency.source_relid)
{%- endmacro %}
