{#- pg_temp.dbt_pgtrickle_obstacle(relation regclass): why a view can't be written out in the query that reads it; null
    where nothing is in the way. What is written out is read with the caller's rights. -#}
{% macro pgtrickle__obstacle_function() -%}
  {%- set body -%}
select case
  when bool_or(array_to_string(c.reloptions, ',') ~ 'security_barrier') then 'it or a view that it reads is a security barrier'
  when bool_or(c.relrowsecurity) then 'row-level security guards a table that it reads'
  when bool_or(c.relkind <> 'v' and not has_table_privilege(c.oid, 'select')) then 'this role may not read a table that it reads'
  when bool_or(exists (
    select from pg_rewrite r, regexp_matches(r.ev_action::text, ':(?:funcid|opfuncid) ([0-9]+)', 'g') as used
    join pg_proc p on p.oid = used[1]::oid and p.provolatile = 'v'
    where r.ev_class = c.oid and c.relkind = 'v'
  )) then 'it calls a volatile function'
end
from (select oid from pg_temp.dbt_pgtrickle_reads(relation) union select relation) as reads
join pg_class c using (oid)
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_obstacle(relation regclass)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
