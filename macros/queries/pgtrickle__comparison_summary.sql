{#- pgtrickle__comparison as one row: how many rows each way, and some of them. -#}
{% macro pgtrickle__comparison_summary(table, condition='true', examples=3) -%}
with differences as materialized (
  {{ pgtrickle__comparison(table, condition) }}
)
select
  (select pg_catalog.count(*) from {{ table.storage }} where {{ condition }}) as held_rows,
  pg_catalog.count(*) filter (where difference = 'extra') as extra_rows,
  pg_catalog.count(*) filter (where difference = 'missing') as missing_rows,
  {%- for side in ['extra', 'missing'] %}
  coalesce((
    select pg_catalog.jsonb_agg(content)
    from (select content from differences where difference = '{{ side }}' order by content limit {{ examples }}) as shown
  ), '[]'::pg_catalog.jsonb) as {{ side }}{{ ',' if not loop.last }}
  {%- endfor %}
from differences
{%- endmacro %}
