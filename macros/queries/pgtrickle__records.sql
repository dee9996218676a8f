{#- What dbt run remembers of each stream table (pgtrickle__record in macros/trust says where and what), and the spelling of the model's
    query that the extension has: {pgt_id, record, given}. -#}
{% macro pgtrickle__records() -%}
select pgt_id, remembered::jsonb as record,
  regexp_replace(coalesce(to_jsonb(entry) ->> 'original_query', to_jsonb(entry) ->> 'defining_query'), '[;\s]+$', '') as given
from pgtrickle.pgt_stream_tables entry
join (
  {{ pgtrickle__entries() }}
) as placed using (pgt_id)
join pg_catalog.pg_attribute on attrelid = placed.relid and attname = '__pgt_row_id' and not attisdropped
cross join lateral pg_catalog.col_description(attrelid, attnum) as remembered
where remembered is json object
{%- endmacro %}
