{#- PL/pgSQL that puts relations in the place of others, in one transaction, of which readers notice nothing but the change: what was there
    goes to another schema; what comes gets its grants, owner and comments; views on it are written anew over what came, and
    pg_trickle's entries and queries tell the new names, so that stream tables on both sides go on incrementally, and
    the same backwards is the way back (observed on 0.67.0: its guard functions are in the stream table's own schema).

    Locks on tables are waited for less than deadlock_timeout in all, so that no reader ever ends in a deadlock with it: it fails then
    (55P03), to be tried again.
    moves: SQL, jsonb: [{schema_name, table_name: where it is read, incoming: the schema of what comes, or null, outgoing: the schema for
    what is there, or null, carry: whether grants come along}]; ids: pgt_id's of both sides. Needs pg_temp.dbt_pgtrickle_rename, and
    the lock of all that changes stream tables (pgtrickle__lock). -#}
{% macro pgtrickle__exchange(moves, ids) -%}
declare
  part record;
  command text;
  parts jsonb;
  views jsonb;
  patience constant interval := 0.7 * current_setting('deadlock_timeout')::interval;
  since timestamptz;
begin
  perform from pgtrickle.pgt_stream_tables where pgt_id in (null{% for id in ids %}, {{ id }}{% endfor %}) order by pgt_id for update;

  select jsonb_agg(to_jsonb(move) || jsonb_build_object(
    'old', old.oid::bigint, 'new', new.oid::bigint,
    'trimmings', case when carry then {{ pgtrickle__trimmings_expression('old.oid', with_indexes=false) }}::jsonb end)
    order by coalesce(old.oid, new.oid))
  into parts
  from jsonb_to_recordset({{ moves }}) as move (schema_name text, table_name text, incoming text, outgoing text, carry boolean)
  left join (pg_catalog.pg_class old join pg_catalog.pg_namespace place on place.oid = old.relnamespace)
    on place.nspname = schema_name and old.relname = table_name and outgoing is not null
  left join (pg_catalog.pg_class new join pg_catalog.pg_namespace beside on beside.oid = new.relnamespace)
    on beside.nspname = incoming and new.relname = table_name;
  for part in
    select * from jsonb_to_recordset(parts)
      as one (schema_name text, table_name text, incoming text, outgoing text, old oid, new oid)
  loop
    if (part.outgoing is not null and part.old is null) or (part.incoming is not null and part.new is null) then
      raise exception using errcode = 'undefined_table', message = format(
        '%s.%s is no more',
        case when part.old is null and part.outgoing is not null then part.schema_name else part.incoming end, part.table_name);
    end if;
  end loop;

  select coalesce(jsonb_agg(jsonb_build_object(
    'oid', reader.oid::bigint, 'name', format('%I.%I', n.nspname, reader.relname),
    'definition', format('create or replace view %I.%I%s as %s', n.nspname, reader.relname,
      case when reader.reloptions is not null then ' with (' || array_to_string(reader.reloptions, ', ') || ')' end,
      pg_get_viewdef(reader.oid)))), '[]')
  into views
  from pg_catalog.pg_class reader
  join pg_catalog.pg_namespace n on n.oid = reader.relnamespace
  where reader.relkind = 'v' and not {{ pgtrickle__is_version('n.nspname') }}
    and reader.oid not in (select old from jsonb_to_recordset(parts) as one (old oid) where old is not null)
    and exists (
      select from pg_catalog.pg_rewrite rule
      join pg_catalog.pg_depend dependency on dependency.classid = 'pg_catalog.pg_rewrite'::regclass and dependency.objid = rule.oid
      join jsonb_to_recordset(parts) as one (old oid)
        on dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid = old
      where rule.ev_class = reader.oid
    );

  since := clock_timestamp();
  for part in
    select relation.oid, relation.relkind, pg_get_userbyid(relation.relowner) as owner
    from (
      select old from jsonb_to_recordset(parts) as one (old oid)
      union select new from jsonb_to_recordset(parts) as one (new oid)
      union select oid from jsonb_to_recordset(views) as one (oid oid)
    ) as touched (oid)
    join pg_catalog.pg_class relation using (oid)
    -- as whoever reads a view does
    order by relation.relkind = 'v' desc, oid
  loop
    perform set_config('lock_timeout', greatest(1, extract(epoch from since + patience - clock_timestamp()) * 1000)::int::text, true);
    if part.relkind = 'v' then
      -- LOCK takes what it reads as well, ALTER VIEW has pg_trickle fill anew what reads it
      execute format('alter table %s owner to %I', part.oid::regclass, part.owner);
    elsif part.relkind = 'm' then
      execute format('alter materialized view %s owner to %I', part.oid::regclass, part.owner);
    else
      execute format('lock table %s in access exclusive mode', part.oid::regclass);
    end if;
  end loop;
  perform set_config('lock_timeout', '0', true);
  for part in
    select place, destination, table_name
    from jsonb_to_recordset(parts) as one (schema_name text, table_name text, incoming text, outgoing text)
    cross join lateral (values (1, schema_name, outgoing), (2, incoming, schema_name)) as way (turn, place, destination)
    where place is not null and destination is not null
    order by way.turn
  loop
    for command in
      select distinct format('alter function %s set schema %I', guard.oid::regprocedure, part.destination)
      from pg_catalog.pg_trigger
      join pg_catalog.pg_proc guard on guard.oid = tgfoid and guard.pronamespace = format('%I', part.place)::regnamespace
      where tgrelid = format('%I.%I', part.place, part.table_name)::regclass and starts_with(tgname, 'pgt_')
    loop
      execute command;
    end loop;
    execute format('alter table %I.%I set schema %I', part.place, part.table_name, part.destination);
  end loop;

  for part in select * from jsonb_to_recordset(parts) as one (new oid, trimmings jsonb) where new is not null loop
    for command in
      select statement from jsonb_array_elements_text(part.trimmings) as statement where position('.__pgt_' in statement) = 0
      union all
      -- what the model says of itself comes last
      select statement
      from jsonb_array_elements_text({{ pgtrickle__trimmings_expression('part.new', with_indexes=false) }}::jsonb) as statement
      where part.trimmings is not null and starts_with(statement, 'comment ')
    loop
      begin
        execute command;
      exception when undefined_column or undefined_object then null;
      end;
    end loop;
  end loop;
  for part in select * from jsonb_to_recordset(views) as one (name text, definition text) loop
    begin
      execute part.definition;
    exception when others then
      raise exception using errcode = 'PGT01', message = format('the view %s can''t read what takes its place: %s', part.name, sqlerrm);
    end;
  end loop;

  for command in
    select format(
      'update pgtrickle.pgt_stream_tables set %1$I = pg_temp.dbt_pgtrickle_rename(%1$I, $1) where pgt_relid = any ($2)', attname)
    from pg_catalog.pg_attribute
    where attrelid = 'pgtrickle.pgt_stream_tables'::regclass and attname in ('original_query', 'defining_query') and not attisdropped
  loop
    for part in
      select
        jsonb_object_agg(place || '.' || table_name, format('%I.%I', destination, table_name)) as names,
        array_agg(relation) as relations
      from jsonb_to_recordset(parts) as one (schema_name text, table_name text, incoming text, outgoing text, old oid, new oid)
      cross join lateral (values (1, schema_name, outgoing, old), (2, incoming, schema_name, new))
        as way (side, place, destination, relation)
      where place is not null and destination is not null
      group by side
    loop
      execute command using part.names, part.relations;
    end loop;
  end loop;
  {{ pgtrickle__call_as_they_are(ids) }}
end;
{%- endmacro %}
