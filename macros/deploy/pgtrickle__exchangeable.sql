{#- What is known of relations that `invoke deploy` is to put others in the place of: {schema_name, table_name, bytes: on disk;
    obstacles: [text], why it can't; readers: the stream tables that read it and don't come along}. One that isn't there is none.
    relations: JSON: [{schema_name, table_name}], all that go together. -#}
{% macro pgtrickle__exchangeable(relations) -%}
with going as (
  select c.oid as relid, c.relkind, c.relowner, c.relnamespace, c.relrowsecurity, asked.schema_name, asked.table_name
  from jsonb_to_recordset({{ relations }}::jsonb) as asked (schema_name text, table_name text)
  join pg_catalog.pg_namespace n on n.nspname = asked.schema_name
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.table_name
),
obstacles (relid, obstacle) as (
  select relid, 'it belongs to ' || pg_get_userbyid(relowner) from going where not pg_has_role(relowner, 'usage')
  union all
  select relid, 'this role may not create in ' || schema_name from going where not has_schema_privilege(relnamespace, 'create')
  union all
  select relid, 'it is paused' from going join pgtrickle.pgt_stream_tables on pgt_relid = relid where status = 'SUSPENDED'
  union all
  select relid, 'it has row security' from going
  where relrowsecurity or exists (select from pg_catalog.pg_policy where polrelid = relid)
  union all
  select relid, 'it has a trigger of its own, ' || tgname from going join pg_catalog.pg_trigger on tgrelid = relid
  where not tgisinternal and not starts_with(tgname, 'pgt_') and not starts_with(tgname, 'pg_trickle_')
  union all
  select relid, 'it is in the publication ' || pubname from going
  join pg_catalog.pg_publication_rel on prrelid = relid
  join pg_catalog.pg_publication publication on publication.oid = prpubid
  union all
  -- views are written anew, under the same name and OID
  select distinct relid, case
    when reader.relkind = 'v' then 'the view ' || reader.oid::regclass || ' on it belongs to ' || pg_get_userbyid(reader.relowner)
    else pg_describe_object(dependency.classid, dependency.objid, 0) || ' stands on it'
  end
  from going
  join pg_catalog.pg_depend dependency
    on dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid = relid and dependency.deptype = 'n'
  left join pg_catalog.pg_rewrite rule on dependency.classid = 'pg_catalog.pg_rewrite'::regclass and rule.oid = dependency.objid
  left join pg_catalog.pg_class reader on reader.oid = rule.ev_class
  where (reader.relkind is distinct from 'v' or not pg_has_role(reader.relowner, 'usage'))
    and (reader.oid is null or reader.oid not in (select relid from going))
    and not {{ pgtrickle__is_version('reader.relnamespace::regnamespace::name') }}
)
select
  schema_name, table_name, pg_total_relation_size(relid) as bytes,
  array(select obstacle from obstacles where obstacles.relid = going.relid order by obstacle) as obstacles,
  array(
    select entry.pgt_schema || '.' || entry.pgt_name
    from pgtrickle.pgt_dependencies
    join pgtrickle.pgt_stream_tables entry using (pgt_id)
    where source_relid = relid and entry.pgt_relid not in (select relid from going)
      and not {{ pgtrickle__is_version('entry.pgt_schema::name') }}
    order by 1
  ) as readers
from going
{%- endmacro %}
