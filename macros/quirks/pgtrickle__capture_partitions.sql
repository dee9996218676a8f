{#- PL/pgSQL that captures what is written to the partitions of a stream table's sources by their own names: 0.67.0 has statement triggers
    on the partitioned table alone, which such a write doesn't fire. A write to the table itself fires none of its partitions' triggers, so
    nothing is captured twice; they go with the extension's own function. Of a TRUNCATE it keeps no more than that there was one, and would
    take all for gone: pgtrickle__partitions tells that. name: the stream table's. -#}
{% macro pgtrickle__capture_partitions(name) %}
    declare
      lacking record;
    begin
      for lacking in
        select pg_get_triggerdef(t.oid) as definition, format(' ON %I.%I ', n.nspname, c.relname) as on_table, part.relid as partition
        from pgtrickle.pgt_stream_tables s
        join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
        join pg_class c on c.oid = d.source_relid and c.relkind = 'p'
        join pg_namespace n on n.oid = c.relnamespace
        join pg_trigger t on t.tgrelid = c.oid and starts_with(t.tgname, 'pg_trickle_cdc_') and t.tgtype & 33 = 0
        cross join pg_partition_tree(c.oid) as part
        join pg_class p on p.oid = part.relid and p.relkind in ('r', 'p')
        where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }} and part.level > 0
          and has_table_privilege(part.relid, 'trigger')
          and not exists (select from pg_trigger where tgrelid = part.relid and tgname = t.tgname)
      loop
        execute replace(lacking.definition, lacking.on_table, format(' ON %s ', lacking.partition));
      end loop;
    end;
{% endmacro %}
