{#- PL/pgSQL that has the capture triggers of a stream table's sources fire for sessions in the replica role as well, where this role may:
    0.67.0 makes them so that what such a session writes is lost without a sign. That tells those later that were disabled meanwhile
    (pgtrickle__is_uncaptured); what else reads such a table is filled anew by its next refresh. It survives all that 0.67.0 does to
    them. IMMEDIATE has none of these, and on a table that only it reads 0.67.0 makes every ALTER TABLE fail. name: the stream table's. -#}
{% macro pgtrickle__capture_always(name) %}
    declare
      lacking record;
    begin
      for lacking in
        select distinct s.pgt_id, d.source_relid
        from pgtrickle.pgt_stream_tables s
        join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
        where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }} and {{ pgtrickle__is_uncaptured() }}
      loop
        update pgtrickle.pgt_stream_tables as other set needs_reinit = true
        where other.pgt_id <> lacking.pgt_id and other.refresh_mode <> 'IMMEDIATE' and other.is_populated
          and exists (select from pgtrickle.pgt_dependencies where pgt_id = other.pgt_id and source_relid = lacking.source_relid);
        declare
          it record;
        begin
          for it in
            select t.tgname, t.tgrelid::regclass as source
            from pg_trigger t join pg_class c on c.oid = t.tgrelid
            where starts_with(t.tgname, 'pg_trickle_cdc_') and t.tgenabled <> 'A' and pg_has_role(c.relowner, 'usage')
              and (t.tgrelid = lacking.source_relid
                or t.tgrelid in (select part.relid from pg_partition_tree(lacking.source_relid) as part))
          loop
            execute format('alter table %s enable always trigger %I', it.source, it.tgname);
          end loop;
        end;
      end loop;
    end;
{% endmacro %}
