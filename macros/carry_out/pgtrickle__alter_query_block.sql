{#- PL/pgSQL that gives a stream table its query in place: a changed one, or the same one to bind it to what its names
    mean now. Whatever the version does to the table's OID, everything is as before afterwards: its own trimmings are
    said again where the OID changed, views that were in the way come back, stream tables on it are bound again.
    Newer versions fill a new table and swap it, and refuse while a view stands on the old one; 0.67.0 keeps the OID. -#}
{% macro pgtrickle__alter_query_block(name, query, settings, state, dependents, trimmings, suspended, last_refresh_at) %}
  {% set alter = pgtrickle__call('alter_stream_table', state.functions.alter_stream_table, {'name': name, 'query': query}) %}
  {% set views = dependents | rejectattr('stream_table') | list %}
  {% set readers = dependents | selectattr('stream_table') | list %}
  begin
  {% if views %}
    begin
      perform {{ alter }};
    exception when dependent_objects_still_exist then
    {% for view in views | reverse %}
      drop {{ view.kind }} if exists {{ adapter.quote(view.schema) }}.{{ adapter.quote(view.name) }};
    {% endfor %}
      perform {{ alter }};
    {% for view in views %}
      {{ pgtrickle__restore_block(view, state.functions) }}
    {% endfor %}
    end;
  {% else %}
    perform {{ alter }};
  {% endif %}
    {{ pgtrickle__recapture(name, query, state.functions, true) }}
    {{ pgtrickle__freed_source(name, state.functions) }}
    {{ pgtrickle__capture_partitions(name) }}
    {{ pgtrickle__capture_always(name) }}
  exception when others then
    if sqlstate = '42501' or not (sqlstate like '42%' or sqlstate like '0A%' or sqlstate in ('23505', '23514', 'XX000')) then raise; end if;
    {% if pgtrickle__may_be_full(settings) and state.stream_table.refresh_mode != 'FULL' %}
    fallback := sqlerrm;
    begin
      perform {{ pgtrickle__call('alter_stream_table', state.functions.alter_stream_table, {'name': name, 'refresh_mode': 'FULL'}) }};
      perform {{ alter }};
    exception when others then
      {{ pgtrickle__cannot_keep_up('FULL') }}
    end;
    {% else %}
    {{ pgtrickle__cannot_keep_up(settings.wanted.refresh_mode) }}
    {% endif %}
  end;
  -- newer versions change nothing when the query is the same, not even a stale content
  if exists (select from pgtrickle.pgt_stream_tables
             where pgt_schema || '.' || pgt_name = {{ pgtrickle__literal(name) }} and status <> 'SUSPENDED'
               and last_refresh_at is not distinct from {{ pgtrickle__literal(last_refresh_at) }}::timestamptz) then
    perform {{ pgtrickle__call('refresh_stream_table', state.functions.refresh_stream_table, {'name': name}) }};
  end if;
  {% if trimmings %}
  if not exists (select from pg_class where oid = {{ state.relation.oid }}) then
    {% for statement in trimmings %}
    {{ statement }};
    {% endfor %}
  end if;
  {% endif %}
  {% for reader in readers %}
  -- one that lost another source too has its own turn, or is named when the run ends
  if (select array_agg(d.source_relid::bigint) = array[{{ state.relation.oid }}::bigint]
      from pgtrickle.pgt_dependencies d
      where d.pgt_id = {{ reader.stream_table.pgt_id }} and not exists (select from pg_class where oid = d.source_relid)) then
    {{ pgtrickle__alter_query(reader.stream_table.pgt_relid ~ '::regclass', pgtrickle__for_owner(reader, [
        pgtrickle__call('alter_stream_table', state.functions.alter_stream_table, {
          'name': reader.schema ~ '.' ~ reader.name, 'query': reader.stream_table.stored_query})])) }}
  end if;
  {% endfor %}
  {% if suspended %}
  perform {{ pgtrickle__call('alter_stream_table', state.functions.alter_stream_table, {'name': name, 'status': 'SUSPENDED'}) }};
  {% endif %}
{% endmacro %}
