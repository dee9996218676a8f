{#- SQL, the common table expression `reads` (parent, oid, is_view, depth): the relations that a model's parents are (depth 0) and that
    the views among them read, however deep. oid is null for a parent that isn't there.
    parents: SQL of rows (schema, name), as from pgtrickle__parent_rows. -#}
{% macro pgtrickle__reads(parents) -%}
reads (parent, oid, is_view, depth) as (
  select parent.schema || '.' || parent.name, c.oid, coalesce(c.relkind = 'v', false), 0
  from ({{ parents }}) as parent (schema, name)
  left join pg_namespace n on n.nspname = parent.schema
  left join pg_class c on c.relnamespace = n.oid and c.relname = parent.name::name
  union
  select reads.parent, c.oid, c.relkind = 'v', reads.depth + 1
  from reads
  join pg_rewrite r on r.ev_class = reads.oid and reads.is_view
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    and d.refobjid <> r.ev_class
  join pg_class c on c.oid = d.refobjid
  where reads.depth < 50
)
{%- endmacro %}
