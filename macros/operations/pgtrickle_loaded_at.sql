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
