{#- What dbt run remembers of each stream table (pgtrickle__record_of), and the spelling of the model's query that the extension has:
    {pgt_id, record, given}. -#}
{% macro pgtrickle__records() -%}
select pgt_id, record,
  regexp_replace(coalesce(to_jsonb(entry) ->> 'original_query', to_jsonb(entry) ->> 'defining_query'), '[;\s]+$', '') as given
from pgtrickle.pgt_stream_tables entry
join (
  {{ pgtrickle__entries() }}
) as placed using (pgt_id)
cross join lateral (
  {{ pgtrickle__record_of('placed.relid') }}
) as remembered
{%- endmacro %}
