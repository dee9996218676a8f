{#- How many stream tables of the database a check of this project doesn't cover. -#}
{% macro pgtrickle__left_out(managed='null', everything='false') -%}
select count(*) as number
from pgtrickle.pgt_stream_tables
where pgt_id not in (
{{ pgtrickle__covered(managed, everything) }}
)
{%- endmacro %}
