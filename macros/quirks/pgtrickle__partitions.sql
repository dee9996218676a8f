{#- SQL, text: the partitions of the tables that a stream table reads, by their OIDs and files, of which a TRUNCATE makes others; NULL where
    it reads no partitioned table. 0.67.0 notices few of those that are attached, detached, dropped or truncated. pgt_id: SQL, the entry's
    number. -#}
{% macro pgtrickle__partitions(pgt_id) -%}
(
  select string_agg(concat_ws(' ', part.relid::oid, pg_relation_filenode(part.relid)), ',' order by part.relid::oid::bigint)
  from pgtrickle.pgt_dependencies as reading
  join pg_class as parted on parted.oid = reading.source_relid and parted.relkind = 'p'
  cross join pg_partition_tree(parted.oid) as part
  where reading.pgt_id = {{ pgt_id }} and part.level > 0
)
{%- endmacro %}
