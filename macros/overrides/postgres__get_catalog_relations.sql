{#- dbt's catalog for `dbt docs generate`, without the __pgt_* columns of stream tables: they are pg_trickle's own.
    relations: objects or dicts with schema and, optionally, identifier (dbt 1.8 and later ask for single relations). -#}
{% macro postgres__get_catalog_relations(information_schema, relations) -%}
  {%- do adapter.verify_database(information_schema.database) -%}
  {%- call statement('catalog', fetch_result=True) -%}
    select
      {{ dbt.string_literal(dbt.escape_single_quotes(information_schema.database)) }} as table_database,
      n.nspname as table_schema,
      c.relname as table_name,
      case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type,
      pg_catalog.obj_description(c.oid, 'pg_class') as table_comment,
      a.attname as column_name,
      a.attnum as column_index,
      pg_catalog.format_type(a.atttypid, a.atttypmod) as column_type,
      pg_catalog.col_description(c.oid, a.attnum) as column_comment,
      pg_catalog.pg_get_userbyid(c.relowner) as table_owner
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid
    where (
      {%- for relation in relations %}
      (pg_catalog.lower(n.nspname::pg_catalog.text) = pg_catalog.lower({{ dbt.string_literal(dbt.escape_single_quotes(relation.schema)) }})
        {%- if relation.identifier %}
        and pg_catalog.lower(c.relname::pg_catalog.text)
          = pg_catalog.lower({{ dbt.string_literal(dbt.escape_single_quotes(relation.identifier)) }})
        {%- endif %})
      {%- if not loop.last %} or {% endif %}
      {%- endfor %}
      )
      and not pg_catalog.pg_is_other_temp_schema(n.oid)
      and c.relpersistence in ('p', 'u')
      and c.relkind in ('r', 'v', 'f', 'p', 'm')
      and a.attnum > 0 and not a.attisdropped and a.attname not like '\_\_pgt\_%'
    order by n.nspname, c.relname, a.attnum
  {%- endcall -%}
  {{ return(load_result('catalog').table) }}
{%- endmacro %}
