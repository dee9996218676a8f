{#- SQL condition: a source of a stream table exists no more. pgt_id: SQL, the entry's number. -#}
{% macro pgtrickle__has_lost_source(pgt_id) -%}
exists (
  select from pgtrickle.pgt_dependencies d
  where d.pgt_id = {{ pgt_id }} and not exists (select from pg_class where oid = d.source_relid))
{%- endmacro %}
