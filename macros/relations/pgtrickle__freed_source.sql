{#- PL/pgSQL that frees the sources of a stream table just made from a change buffer that an earlier one left behind:
    with that buffer in place every write to the source would fail (observed on 0.67.0: 42703 after drop and create
    with other columns). Naming the query once more builds the buffer again; where nothing may be filled yet, and for
    a TopK, which that would fill with every row, the triggers of all sources are built again instead. -#}
{% macro pgtrickle__freed_source(name, query, functions, initialize) %}
  {% if 'source_stable_name' in functions %}
    if exists (
      select from pgtrickle.pgt_stream_tables s
      join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id and d.source_type = 'TABLE'
      join pg_class b on b.relnamespace = to_regnamespace('pgtrickle_changes')
        and b.relname = 'changes_' || pgtrickle.source_stable_name(d.source_relid)
      join pg_attribute a on a.attrelid = d.source_relid and a.attnum > 0 and not a.attisdropped
      where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }} and s.refresh_mode <> 'IMMEDIATE'
        and (d.columns_used is null or a.attname = any (d.columns_used)
             or exists (select from pg_index where indrelid = a.attrelid and indisprimary and a.attnum = any (indkey)))
        and not exists (select from pg_attribute o where o.attrelid = b.oid and o.attname in (a.attname, 'new_' || a.attname))
    ) then
      {% set rebuild = 'perform pgtrickle.rebuild_cdc_triggers();' if functions.get('rebuild_cdc_triggers', {}).get('may_execute') else '' %}
      {% if initialize and 'query' in functions.alter_stream_table.arguments %}
      if exists (select from pgtrickle.pgt_stream_tables s
                 where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }} and to_jsonb(s) ->> 'topk_limit' is null) then
        perform {{ pgtrickle__call('alter_stream_table', functions.alter_stream_table, {'name': name, 'query': query}) }};
      else
        {{ rebuild or 'null;' }}
      end if;
      {% else %}
        {{ rebuild or 'null;' }}
      {% endif %}
    end if;
  {% endif %}
{% endmacro %}
