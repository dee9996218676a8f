{#- How deep each stream table lies: 0 reads no other one; upstream tables have the lower number. -#}
{% macro pgtrickle__levels() -%}
select pgt_id, max(level) as level
from (
  with recursive placed as (
    {{ pgtrickle__entries() }}
  ),
  edges as (
    select dependency.pgt_id, upstream.pgt_id as upstream_id
    from pgtrickle.pgt_dependencies dependency
    join placed upstream on upstream.relid = dependency.source_relid
  ),
  walk as (
    select pgt_id, 0 as level from pgtrickle.pgt_stream_tables
    union
    select edges.pgt_id, walk.level + 1
    from walk
    join edges on edges.upstream_id = walk.pgt_id
    -- no path is longer than this, unless it is a circle
    where walk.level < (select count(*) from pgtrickle.pgt_stream_tables)
  )
  select pgt_id, level from walk
) as steps
group by pgt_id
{%- endmacro %}
