{#- PL/pgSQL that frees the sources of a stream table just made or bound from a change buffer that an earlier one left behind: where it
    lacks a column that is captured now every write to the source fails (42703 after drop and create with other columns), where one
    has another type the next refresh does (42883; both observed on 0.67.0). What is captured is told by the trigger's function alone.
    Versions before 0.44 keep two columns for each: there the triggers of all sources are built again. -#}
{% macro pgtrickle__freed_source(name, functions) %}
  {% if 'source_stable_name' in functions %}
    declare
      outdated record;
    begin
      for outdated in
        select distinct b.oid::regclass as buffer, kept.attname, format_type(a.atttypid, a.atttypmod) as type,
          exists (
            select from pg_attribute o join pg_attribute n on o.attname = 'new_' || n.attname
            where o.attrelid = b.oid and n.attrelid = a.attrelid
              and not exists (select from pg_attribute where attrelid = a.attrelid and attname = o.attname)
          ) as is_wide
        from pgtrickle.pgt_stream_tables s
        join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id and d.source_type = 'TABLE'
        join pg_trigger t on t.tgrelid = d.source_relid and starts_with(t.tgname, 'pg_trickle_cdc_ins_')
        join pg_proc f on f.oid = t.tgfoid
        join pg_class b on b.relnamespace = {{ pgtrickle__buffers_namespace() }}
          and b.relname = 'changes_' || substring(t.tgname from 'pg_trickle_cdc_ins_(.*)')
        join pg_attribute a on a.attrelid = d.source_relid and a.attnum > 0 and not a.attisdropped
        cross join lateral (
          select case when a.attname in ('change_id', 'lsn', 'action', 'pk_hash', 'changed_cols') then '__usr_' else '' end
            || a.attname as attname
        ) as kept
        where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }}
          and (position(quote_ident(kept.attname) in f.prosrc) > 0 or position('"' || kept.attname || '"' in f.prosrc) > 0)
          and not exists (
            select from pg_attribute o
            where o.attrelid = b.oid and o.attname in (kept.attname, 'new_' || a.attname) and o.atttypid = a.atttypid)
      loop
        if outdated.is_wide then
          {{ 'perform pgtrickle.rebuild_cdc_triggers();' if functions.get('rebuild_cdc_triggers', {}).get('may_execute') else 'null;' }}
          exit;
        end if;
        execute format('alter table %s drop column if exists %2$I, add column %2$I %3$s', outdated.buffer, outdated.attname, outdated.type);
      end loop;
    end;
  {% endif %}
{% endmacro %}
