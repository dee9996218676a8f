{#- PL/pgSQL that has the capture triggers of a stream table's sources fire for sessions in the replica role as well, where this role may:
    0.67.0 makes them so that what such a session writes is lost without a sign. That tells those later that were disabled meanwhile
    (pgtrickle__is_uncaptured); what else reads such a table is filled anew by its next refresh. It survives all that 0.67.0 does to them.
    After pgtrickle__freed_source: at an ALTER TABLE 0.67.0 gives a change buffer the table's types, and fails where it can't, as it always
    does on a table that IMMEDIATE alone reads, which has none of these. name: the stream table's. -#}
{% macro pgtrickle__capture_always(name) %}
    declare
      lacking record;
      it record;
    begin
      for lacking in
        select distinct d.source_relid
        from pgtrickle.pgt_stream_tables s
        join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
        where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }} and {{ pgtrickle__is_uncaptured() }}
      loop
        {{ pgtrickle__refill_others(name, 'lacking.source_relid') }}
        for it in
          select t.tgname, t.tgrelid::regclass as source
          from pg_trigger t join pg_class c on c.oid = t.tgrelid
          where starts_with(t.tgname, 'pg_trickle_cdc_') and t.tgenabled <> 'A' and pg_has_role(c.relowner, 'usage')
            and (t.tgrelid = lacking.source_relid
              or t.tgrelid in (select part.relid from pg_partition_tree(lacking.source_relid) as part))
        loop
          begin
            execute format('alter table %s enable always trigger %I', it.source, it.tgname);
          exception when others then null; -- of its change buffer; and another version may refuse it
          end;
        end loop;
        if exists (
          select from pg_trigger where tgrelid = lacking.source_relid and starts_with(tgname, 'pg_trickle_cdc_') and tgenabled = 'D'
        ) then
          raise exception 'the changes of % are not captured: its triggers are disabled', lacking.source_relid::regclass
            using hint = 'Its owner can enable them: alter table ' || lacking.source_relid::regclass || ' enable trigger all';
        end if;
      end loop;
    end;
{% endmacro %}

{#- PL/pgSQL that has what else reads a table filled anew by its next refresh. name: of the stream table that is filled already;
    source: PL/pgSQL, the table's OID. -#}
{% macro pgtrickle__refill_others(name, source) %}
        update pgtrickle.pgt_stream_tables as other set needs_reinit = true
        where other.pgt_schema || '.' || other.pgt_name <> {{ pgtrickle__literal(name) }}
          and other.refresh_mode <> 'IMMEDIATE' and other.is_populated
          and exists (select from pgtrickle.pgt_dependencies where pgt_id = other.pgt_id and source_relid = {{ source }});
{% endmacro %}
