{#- {name}: the stream tables that read what was put away, and weren't themselves: a deploy that was killed right after its swap leaves
    such. schemas: SQL, text[]: the schemas of what was put away. -#}
{% macro pgtrickle__left_behind(schemas) -%}
select distinct entry.pgt_schema || '.' || entry.pgt_name as name
from pgtrickle.pgt_dependencies
join pgtrickle.pgt_stream_tables entry using (pgt_id)
join pg_catalog.pg_class source on source.oid = source_relid
join pg_catalog.pg_namespace place on place.oid = source.relnamespace
where place.nspname = any ({{ schemas }}) and not {{ pgtrickle__is_version('entry.pgt_schema::name') }}
order by name
{%- endmacro %}
