{#- PL/pgSQL that drops one stream table by what it is: its entry, its own table whatever that is called now, its capture;
    nothing where there is no such entry. drop_stream_table() goes by the entry's name, and so would drop whatever has that
    name by now, or refuse (42501) where the entry's OID is nobody's.

    pgt_id: a number of the catalog. -#}
{% macro pgtrickle__drop_entry(pgt_id) -%}
  declare
    doomed record;
    leftover record;
  begin
    select * into doomed from (
      {{ pgtrickle__entries('entry.pgt_id = ' ~ pgt_id) }}
    ) as found;
    if found then
      -- an IMMEDIATE one can't let go of a table that is gone (42601)
      {{ pgtrickle__forget_dropped_tables('array[' ~ pgt_id ~ ']') }};
      if doomed.place in ('restored', 'gone') then
        -- what it read by OID in another database is nobody's, or somebody else's, here
        delete from pgtrickle.pgt_dependencies as dependency
        where dependency.pgt_id = doomed.pgt_id
          and not exists (
            select from pgtrickle.pgt_change_tracking tracking
            where tracking.source_relid = dependency.source_relid and doomed.pgt_id = any (tracked_by_pgt_ids)
          )
          and not exists (
            select from pg_catalog.pg_trigger
            where tgrelid = dependency.source_relid and starts_with(tgname, 'pgt_ivm_') and tgname ~ ('_' || doomed.pgt_id || '$')
          );
      end if;
      if doomed.place = 'gone' then
        doomed.table_name := 'dbt_pgtrickle_gone_' || doomed.pgt_id;
        execute format('create temporary table %I ()', doomed.table_name);
        doomed.relid := doomed.table_name::regclass;
        doomed.schema_name := pg_my_temp_schema()::regnamespace;
      elsif doomed.place <> 'right' then
        -- another entry may hold its present name
        execute format('alter table %I.%I rename to %I', doomed.schema_name, doomed.table_name, 'dbt_pgtrickle_drop_' || doomed.pgt_id);
        doomed.table_name := 'dbt_pgtrickle_drop_' || doomed.pgt_id;
      end if;
      if doomed.place <> 'right' then
        update pgtrickle.pgt_stream_tables
        set pgt_relid = doomed.relid, pgt_schema = doomed.schema_name, pgt_name = doomed.table_name
        where pgt_id = doomed.pgt_id;
        doomed.call_name := doomed.schema_name || '.' || doomed.table_name;
      end if;
      perform pgtrickle.drop_stream_table(doomed.call_name);
      if doomed.place in ('restored', 'gone') then
        {{ pgtrickle__drop_leftovers() }}
      end if;
    end if;
  end;
{%- endmacro %}

{#- PL/pgSQL that takes capture away that belongs to no entry any more, as a restore leaves it behind: a dump takes triggers
    and change buffers along, but not pg_trickle's list of what is captured. What is left would be taken for the capture of
    the next stream table, with other columns (42703 at every write) and with changes of the old database. Left alone where
    this role owns neither the source nor the function, but for the doomed one's own triggers of IMMEDIATE: without their entry
    every write to the source would fail, so then it is not dropped. -#}
{% macro pgtrickle__drop_leftovers() -%}
  for leftover in
    select tgrelid::regclass as source, tgname, tgfoid::regprocedure as function,
      pg_has_role(relowner, 'usage') as owned, pg_has_role(proowner, 'usage') as made,
      substring(tgname from 'pg_trickle_cdc_ins_(.*)') as stable_name,
      case when starts_with(tgname, 'pgt_ivm_') then substring(tgname from '_(\d+)$')::bigint end as pgt_id
    from pg_catalog.pg_trigger
    join pg_catalog.pg_class source on source.oid = tgrelid
    join pg_catalog.pg_proc on pg_proc.oid = tgfoid
    where not tgisinternal and case
      when starts_with(tgname, 'pg_trickle_cdc_') then tgrelid not in (
        select source_relid from pgtrickle.pgt_change_tracking union select source_relid from pgtrickle.pgt_dependencies
      )
      when starts_with(tgname, 'pgt_ivm_') then substring(tgname from '_(\d+)$')::bigint not in (
        select pgt_id from pgtrickle.pgt_stream_tables
      )
      else false
    end
    order by tgname
  loop
    if leftover.owned then
      execute format('drop trigger if exists %I on %s', leftover.tgname, leftover.source);
    elsif leftover.pgt_id is not null and leftover.made then
      execute format('drop function if exists %s cascade', leftover.function);
    elsif leftover.pgt_id = doomed.pgt_id then
      raise exception using errcode = 'insufficient_privilege',
        message = format('must be owner of %s: its trigger %s would make every write fail', leftover.source, leftover.tgname);
    end if;
    if leftover.owned and not exists (select from pg_catalog.pg_trigger where tgfoid = leftover.function)
      and not exists (
        select from pg_catalog.pg_depend
        where classid = 'pg_catalog.pg_proc'::regclass and objid = leftover.function and deptype = 'e'
      ) then
      execute format('drop function %s', leftover.function);
    end if;
    -- a name comes from the source's, which may be another's by now
    if leftover.owned and leftover.stable_name is not null and leftover.stable_name not in (
      select source_stable_name from pgtrickle.pgt_change_tracking where source_stable_name is not null
    ) then
      execute format('drop table if exists %I.%I', {{ pgtrickle__buffers_schema() }}, 'changes_' || leftover.stable_name);
    end if;
  end loop;
{%- endmacro %}
