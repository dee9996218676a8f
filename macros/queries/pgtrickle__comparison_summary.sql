{#- pgtrickle__comparison as one row: how many rows each way, and some of them. -#}
{% macro pgtrickle__comparison_summary(table, condition='true', examples=3) -%}
with differences as materialized (
  {{ pgtrickle__comparison(table, condition) }}
)
select
  (select count(*) from {{ table.storage }} where {{ condition }}) as held_rows,
  count(*) filter (where difference = 'extra') as extra_rows,
  count(*) filter (where difference = 'missing') as missing_rows,
  coalesce((select jsonb_agg(content) from (select content from differences where difference = 'extra' order by content limit {{ examples }}) as shown), '[]'::jsonb) as extra,
  coalesce((select jsonb_agg(content) from (select content from differences where difference = 'missing' order by content limit {{ examples }}) as shown), '[]'::jsonb) as missing
from differences
{%- endmacro %}
