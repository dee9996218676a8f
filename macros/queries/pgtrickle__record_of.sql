{#- What dbt run remembers of the stream table that is a relation (pgtrickle__record in macros/trust says where and what): {record}, no row
    where it remembers nothing. relid: SQL, the relation's OID. -#}
{% macro pgtrickle__record_of(relid) -%}
select description::jsonb as record
from pg_catalog.pg_attribute
join pg_catalog.pg_description on classoid = 'pg_catalog.pg_class'::regclass and objoid = attrelid and objsubid = attnum
where attrelid = {{ relid }} and attname = '__pgt_row_id' and not attisdropped and description is json object
{%- endmacro %}
