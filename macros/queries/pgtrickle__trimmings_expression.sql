{#- An SQL expression: what has to be said again when a relation is made anew, as a JSON array of statements (owner,
    grants, comments, and its own indexes where with_indexes). relation_oid: an SQL expression.
    Grants that the schema's default privileges would give are taken away first, so that the rest is exact. -#}
{% macro pgtrickle__trimmings_expression(relation_oid, with_indexes=true) %}
coalesce((
  select json_agg(statement order by step, statement)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select 1 as step, format('alter table %I.%I owner to %I', n.nspname, c.relname, pg_get_userbyid(c.relowner)) as statement
    where pg_get_userbyid(c.relowner) <> current_user
    union all
    select distinct 2, format('revoke all on table %I.%I from %s', n.nspname, c.relname, coalesce(quote_ident(r.rolname), 'public'))
    from pg_default_acl d cross join lateral aclexplode(d.defaclacl) a left join pg_roles r on r.oid = a.grantee
    where d.defaclobjtype = 'r' and d.defaclnamespace in (0, c.relnamespace) and a.grantee <> c.relowner
    union all
    select 3, format('grant %s on table %I.%I to %s%s', string_agg(a.privilege_type, ', ' order by a.privilege_type), n.nspname, c.relname,
                     coalesce(quote_ident(r.rolname), 'public'), case when a.is_grantable then ' with grant option' else '' end)
    from aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
    where a.grantee <> c.relowner
    group by r.rolname, a.is_grantable
    union all
    select 4, format('grant %s (%I) on table %I.%I to %s', a.privilege_type, t.attname, n.nspname, c.relname, coalesce(quote_ident(r.rolname), 'public'))
    from pg_attribute t cross join lateral aclexplode(t.attacl) a left join pg_roles r on r.oid = a.grantee
    where t.attrelid = c.oid and not t.attisdropped
    union all
    select 5, format('comment on %s %I.%I is %L', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
                     n.nspname, c.relname, obj_description(c.oid, 'pg_class'))
    where obj_description(c.oid, 'pg_class') is not null
    union all
    select 6, format('comment on column %I.%I.%I is %L', n.nspname, c.relname, t.attname, col_description(c.oid, t.attnum))
    from pg_attribute t
    where t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped and col_description(c.oid, t.attnum) is not null
    {% if with_indexes %}
    union all
    select 7, regexp_replace(pg_get_indexdef(i.indexrelid), '^(CREATE (UNIQUE )?INDEX)', '\1 IF NOT EXISTS')
    from pg_index i
    where i.indrelid = c.oid and pg_get_indexdef(i.indexrelid) not like '%\_\_pgt\_%'
    {% endif %}
  ) as trimming
  where c.oid = {{ relation_oid }}
), '[]'::json)
{% endmacro %}
