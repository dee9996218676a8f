{#- PL/pgSQL that has tables which share a change buffer captured each by itself, under its present name, and what reads them filled anew.
    pg_trickle calls buffer and triggers by the name that a table had when it was first captured: one that takes another's former name
    shares them, and what reads the two is wrong ever after, without a sign (observed on 0.67.0). Fails where this role may not.
    fill: whether what reads them is filled here. -#}
{% macro pgtrickle__capture_apart(fill=true) -%}
  declare
    source record;
    former record;
    reader record;
    readers bigint[] := array[]::bigint[];
  begin
    for source in
      with recursive captured as (
        select
          source_relid, source_stable_name, tracked_by_pgt_ids,
          pgtrickle.source_stable_name(source_relid) as present_name,
          count(*) over (partition by source_stable_name) as sharing
        from pgtrickle.pgt_change_tracking
        join pg_catalog.pg_class on oid = source_relid
        where source_stable_name is not null
      ),
      together as (
        select * from captured where sharing > 1
        union
        -- in whose way that would be
        select other.* from together join captured other on other.source_stable_name = together.present_name
      )
      select source_relid, source_stable_name, present_name, tracked_by_pgt_ids from together
    loop
      for former in
        select tgname from pg_catalog.pg_trigger where tgrelid = source.source_relid and starts_with(tgname, 'pg_trickle_cdc_')
      loop
        execute format('drop trigger %I on %s', former.tgname, source.source_relid::regclass);
      end loop;
      execute format('drop table if exists %I.%I', {{ pgtrickle__buffers_schema() }}, 'changes_' || source.source_stable_name);
      update pgtrickle.pgt_change_tracking
      set source_stable_name = source.present_name, slot_name = 'pg_trickle_cdc_ins_' || source.present_name
      where source_relid = source.source_relid;
      readers := readers || source.tracked_by_pgt_ids;
    end loop;
    {%- if fill %}
    for reader in
      select call_name, status
      from (
        {{ pgtrickle__entries('entry.pgt_id = any (readers)') }}
      ) as placed
      join pgtrickle.pgt_stream_tables using (pgt_id)
      -- another one would be filled under its former name; freshness names it as it is
      where place = 'right'
      order by pgt_id
    loop
      perform {{ pgtrickle__as_theirs('pgtrickle.repair_stream_table(reader.call_name)') }};
      begin
        perform {{ pgtrickle__as_theirs('pgtrickle.refresh_stream_table(reader.call_name)') }};
      exception when others then null; -- it has been empty for pg_trickle since, which freshness names
      end;
      if reader.status = 'SUSPENDED' then
        perform {{ pgtrickle__as_theirs('pgtrickle.alter_stream_table(reader.call_name, status => reader.status)') }};
      end if;
    end loop;
    {%- endif %}
  end;
{%- endmacro %}
