{#- For dbt v2, in the place of a rename of dbt's: where something is in the way of a relation that is made anew
    (pgtrickle__clear_stream_table) drops it and gives the new one, which has its intermediate name, the name of the old. In one block, so
    that a failure leaves the old. relation: that dbt is about to rename: the old one, then the intermediate one. Gives whether that rename
    is done. -#}
{% macro pgtrickle__swap(relation) %}
  {%- if not pgtrickle__has_catalog() -%}{%- do return(false) -%}{%- endif -%}
  {%- set found = pgtrickle__in_the_way(relation) -%}
  {%- if not found.there -%}{%- do return(true) -%}
  {%- elif not found.stream_table and (relation.is_view or not found.immediate_only) -%}{%- do return(false) -%}{%- endif -%}
  {%- set statements = [] -%}
  {%- if found.stream_table -%}
    {%- set readers = pgtrickle__dependents(found.stream_table.oid) | selectattr('stream_table') | list -%}
    {%- for stream_table in pgtrickle__going(found.stream_table, readers) -%}
      {%- do statements.append(pgtrickle__drop_entry(stream_table.pgt_id)) -%}
    {%- endfor -%}
  {%- else -%}
    {%- do statements.append('drop table if exists ' ~ relation ~ ' cascade;') -%}
  {%- endif -%}
  {%- set made = make_intermediate_relation(relation) -%}
  {%- do statements.append('alter table ' ~ made ~ ' rename to ' ~ adapter.quote(relation.identifier) ~ ';') -%}
  {%- call statement('pgtrickle_swap') -%}{{ pgtrickle__at_once(statements | join('\n')) }}{%- endcall -%}
  {%- do return(true) -%}
{% endmacro %}
