{#- pg_temp.dbt_pgtrickle_reads(relation regclass): what a view reads itself: (oid, kind: pg_class.relkind, name: "schema.name"). Pure. -#}
{% macro pgtrickle__reads_function() -%}
  {%- set body -%}
select distinct c.oid, c.relkind, n.nspname || '.' || c.relname
from pg_rewrite r
join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
  and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
join pg_class c on c.oid = d.refobjid
join pg_namespace n on n.oid = c.relnamespace
where r.ev_class = relation
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_reads(relation regclass)
returns table (oid oid, kind "char", name text)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
