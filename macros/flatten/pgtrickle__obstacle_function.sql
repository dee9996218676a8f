{#- pg_temp.dbt_pgtrickle_obstacle(relation regclass): why a view can't be written out in the query that reads it; null
    where nothing is in the way. What is written out is read with the caller's rights. Pure. -#}
{% macro pgtrickle__obstacle_function() -%}
  {%- set body -%}
with recursive reads as (
  select relation::oid as oid
  union
  select d.refobjid
  from reads
  join pg_class c on c.oid = reads.oid and c.relkind = 'v'
  join pg_rewrite r on r.ev_class = c.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
)
select case
  when bool_or(array_to_string(c.reloptions, ',') ~ 'security_barrier') then 'it or a view that it reads is a security barrier'
  when bool_or(c.relrowsecurity) then 'row-level security guards a table that it reads'
  when bool_or(c.relkind <> 'v' and not has_table_privilege(c.oid, 'select')) then 'this role may not read a table that it reads'
  when bool_or(exists (
    select from pg_rewrite r, regexp_matches(r.ev_action::text, ':(?:funcid|opfuncid) ([0-9]+)', 'g') as used
    join pg_proc p on p.oid = used[1]::oid and p.provolatile = 'v'
    where r.ev_class = c.oid
  )) then 'it calls a volatile function'
end
from reads
join pg_class c using (oid)
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_obstacle(relation regclass)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
