{#- SQL expression: what the views among some relations mean, and those under them, as one md5; null where none is a view.
    It changes with a view's query or columns and with the columns of the tables below, not when a view is made again
    as it was, nor with the session's settings. It takes no plan and no lock: cheap enough for each run.
    relations: SQL of rows (schema, name). Pure, for dbt and the tasks alike. -#}
{% macro pgtrickle__view_fingerprint(relations) -%}
(
  with recursive reached as (
    select c.oid, c.relkind
    from ({{ relations }}) as relation (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = relation.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = relation.name and c.relkind = 'v'
    union
    select c.oid, c.relkind
    from reached
    join pg_catalog.pg_rewrite r on r.ev_class = reached.oid and reached.relkind = 'v'
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> r.ev_class
    join pg_catalog.pg_class c on c.oid = d.refobjid
  )
  select md5(string_agg(
    concat_ws(' ', n.nspname, c.relname, c.relkind, c.relrowsecurity, c.reloptions,
      -- a relation that was made again has another number
      (select string_agg(regexp_replace(ev_action::text, ':(?:relid|resorigtbl) [0-9]+', '', 'g'), ' ') from pg_catalog.pg_rewrite
        where ev_class = c.oid and c.relkind = 'v'),
      (
        select string_agg(concat_ws(' ', attname, atttypid, atttypmod, attcollation, attnotnull), ',' order by attnum)
        from pg_catalog.pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)
    ), E'\n' order by n.nspname, c.relname))
  from reached
  join pg_catalog.pg_class c using (oid)
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
)
{%- endmacro %}
