{#- Drops the stream table that stands where a model with another materialization wants to be, if there is one.
    Stream tables on it are dropped by nobody: the drop fails and names them. -#}
{% macro pgtrickle__clear_stream_table(relation) %}
  {%- set existing = load_cached_relation(relation) -%}
  {%- if existing is none or existing.is_view or not adapter.get_relation(relation.database, 'pgtrickle', 'pgt_stream_tables') -%}
    {%- do return('') -%}
  {%- endif -%}
  {%- set found = pgtrickle__query_json("
    select coalesce((
      select json_build_object('name', s.pgt_schema || '.' || s.pgt_name)
      from pgtrickle.pgt_stream_tables s where s.pgt_relid = to_regclass(" ~ pgtrickle__literal(relation.include(database=false) | string) ~ ")
    ), '{}'::json)::text") -%}
  {%- if found.get('name') -%}
    {%- do pgtrickle__lock() -%}
    {%- call statement('pgtrickle_drop') -%}
      select pgtrickle.drop_stream_table(name => {{ pgtrickle__literal(found.name) }})
    {%- endcall -%}
    {%- do adapter.drop_relation(existing) -%}
    {%- do log('Dropped the stream table ' ~ found.name ~ ', whose model is no stream table any more', info=true) -%}
  {%- endif -%}
{% endmacro %}
