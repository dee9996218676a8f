{#- What dbt run remembers of each stream table (pgtrickle__record in macros/trust says where and what): {pgt_id, record}. -#}
{% macro pgtrickle__records() -%}
select entry.pgt_id, remembered::jsonb as record
from pgtrickle.pgt_stream_tables entry
join pg_catalog.pg_attribute on attrelid = entry.pgt_relid and attname = '__pgt_row_id' and not attisdropped
cross join lateral pg_catalog.col_description(attrelid, attnum) as remembered
where remembered is json object
{%- endmacro %}
