{#- SQL, an array of statements that want but the role's name: what a role lacks to have a stream table on a table that another role's
    read already. pg_trickle replaces the functions of its triggers then, and empties its change buffer, which their owner alone may
    ("must be owner of function", observed on 0.67.0). source: SQL, the table's OID. -#}
{% macro pgtrickle__capture_rights(source) -%}
array(
  select distinct case when rolsuper then 'alter ' || object || ' owner to ' else 'grant ' || quote_ident(rolname) || ' to ' end
  from pg_catalog.pg_trigger
  cross join lateral (
    select 'function ' || oid::regprocedure, proowner from pg_catalog.pg_proc where oid = tgfoid
    union all
    select 'table ' || oid::regclass, relowner from pg_catalog.pg_class
    where relnamespace = {{ pgtrickle__buffers_namespace() }}
      and relname = 'changes_' || substring(tgname from 'pg_trickle_cdc_ins_(.*)')
  ) as made (object, owner)
  join pg_catalog.pg_roles owners on owners.oid = owner
  where tgrelid = {{ source }} and starts_with(tgname, 'pg_trickle_cdc_') and not pg_has_role(owner, 'usage')
  order by 1
)
{%- endmacro %}
