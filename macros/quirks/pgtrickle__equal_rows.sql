{#- PL/pgSQL that has a stream table of another one's rows take equal rows. 0.67.0 gives it a unique index of row ids, which it takes from
    what the row holds: once two rows are equal an incremental refresh fails, or loses one, and one that is FULL ends the scheduler,
    each time, and with it the refreshes of all others. FULL needs no such ids; an incremental one is kept as over a table without a key,
    as it was tried. Groups have a count and are never equal. name: a SQL expression of its quoted name. -#}
{% macro pgtrickle__equal_rows(name) %}
    declare
      kept record;
    begin
      for kept in
        select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition
        from pgtrickle.pgt_stream_tables s
        join pg_index i on i.indrelid = s.pgt_relid and i.indisunique and not i.indisprimary and i.indnkeyatts = 1
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] and a.attname = '__pgt_row_id'
        where s.pgt_relid = to_regclass({{ name }})
          and not exists (select from pg_attribute c where c.attrelid = s.pgt_relid and c.attname = '__pgt_count' and not c.attisdropped)
          and exists (
            select from pgtrickle.pgt_dependencies d
            join pgtrickle.pgt_stream_tables parent on parent.pgt_relid = d.source_relid
            where d.pgt_id = s.pgt_id and (s.refresh_mode = 'FULL' or s.refresh_mode = 'DIFFERENTIAL'
              and (to_jsonb(parent) ->> 'has_keyless_source')::boolean))
      loop
        execute format('drop index %s', kept.name);
        execute replace(kept.definition, 'CREATE UNIQUE INDEX', 'CREATE INDEX');
        update pgtrickle.pgt_stream_tables set has_keyless_source = true where pgt_relid = to_regclass({{ name }});
      end loop;
    exception
      when feature_not_supported or insufficient_privilege or undefined_column then null;
    end;
{% endmacro %}
