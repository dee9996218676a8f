{#- For dbt's own source freshness, where a stream table is a source of another project.

    dbt 1.10 and later, in the source's config:  loaded_at_query: a call of pgtrickle_loaded_at(this) in curly brackets
    Older ones: a view model that holds only a call without arguments gives (subject, loaded_at) of all stream tables;
    make it a source with loaded_at_field: loaded_at and filter: subject = 'schema.table'. -#}
{% macro pgtrickle_loaded_at(relation=none) -%}
{%- if relation is none -%}
{{ pgtrickle__loaded_at() }}
{%- else -%}
select max(loaded_at) as loaded_at
from (
{{ pgtrickle__loaded_at(pgtrickle__literal(relation.schema ~ '.' ~ relation.identifier)) }}
) as current_until
{%- endif -%}
{%- endmacro %}
