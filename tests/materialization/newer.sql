-- Makes pg_trickle_lite alter a query as pg_trickle from 0.93 on does (read in its source, not run): a new table is filled
-- and swapped in, the old one is dropped with RESTRICT, and an unchanged query on unchanged sources does nothing.
alter function pgtrickle.alter_stream_table rename to alter_in_place;

create function pgtrickle.alter_stream_table(
    name text, query text default null, schedule text default null, refresh_mode text default null,
    status text default null, tier text default null
) returns void language plpgsql as $function$
declare
    was pgtrickle.pgt_stream_tables;
    same boolean;
    place text;
    shadow text;
begin
    select s.* into was from pgtrickle.pgt_stream_tables s
    where s.pgt_schema || '.' || s.pgt_name = alter_stream_table.name;
    same := query is not distinct from coalesce(was.original_query, was.defining_query)
        and not exists (
            select from pgtrickle.pgt_dependencies d
            where d.pgt_id = was.pgt_id and not exists (select from pg_class where oid = d.source_relid));
    if query is not null and same then
        update pgtrickle.pgt_stream_tables s set status = case s.status when 'ERROR' then 'ACTIVE' else s.status end
        where s.pgt_id = was.pgt_id;
        query := null;
    end if;
    perform pgtrickle.alter_in_place(
        name => alter_stream_table.name, query => alter_stream_table.query, schedule => alter_stream_table.schedule,
        refresh_mode => alter_stream_table.refresh_mode, status => alter_stream_table.status,
        tier => alter_stream_table.tier);
    if query is null then return; end if;

    place := format('%I.%I', was.pgt_schema, was.pgt_name);
    shadow := format('%I.%I', was.pgt_schema, was.pgt_name || '__shadow');
    perform set_config('event_triggers', 'off', true);
    execute format('create table %s (like %s including defaults)', shadow, place);
    execute format('insert into %s select * from %s', shadow, place);
    execute format('drop table %s restrict', place);
    execute format('alter table %s rename to %I', shadow, was.pgt_name);
    perform set_config('event_triggers', 'on', true);
    update pgtrickle.pgt_dependencies set source_relid = to_regclass(place) where source_relid = was.pgt_relid;
    update pgtrickle.pgt_stream_tables s set pgt_relid = to_regclass(place) where s.pgt_id = was.pgt_id;
end
$function$;

create function pgtrickle.explain_alter(name text, new_query text) returns jsonb language sql
as $$ select jsonb_build_object('classification', 'rebuildable', 'name', name) $$;
