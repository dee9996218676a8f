{#- pg_temp.dbt_pgtrickle_reads(relation regclass): what a view reads, itself and through other views.
    Gives (oid, kind: pg_class.relkind, name: "schema.name", depth: 1 for what it reads itself). -#}
{% macro pgtrickle__reads_function() -%}
  {%- set body -%}
with recursive reached as (
  select relation::oid as oid, 0 as depth
  union
  select d.refobjid, depth + 1
  from reached
  join pg_class c on c.oid = reached.oid and c.relkind = 'v'
  join pg_rewrite r on r.ev_class = c.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
)
select c.oid, c.relkind, n.nspname || '.' || c.relname, min(depth)
from reached
join pg_class c using (oid)
join pg_namespace n on n.oid = c.relnamespace
where depth > 0
group by c.oid, n.nspname
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_reads(relation regclass)
returns table (oid oid, kind "char", name text, depth int)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
