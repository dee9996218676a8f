{#- PL/pgSQL that makes the capture triggers of a stream table's sources again where they are gone, and fills it anew:
    pg_trickle 0.67.0 calls them by the table's name, so whoever drops a stream table that was bound to an earlier table
    of that name takes away those of the present one, and the next one made doesn't bring them back. Fails where it can't. -#}
{% macro pgtrickle__recapture(name, query, functions, fill) %}
  {% if 'repair_stream_table' in functions %}
    {% set uncaptured %}
        from pgtrickle.pgt_stream_tables s
        join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
        where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }}
          and {{ pgtrickle__is_captured_by_triggers() }} and not {{ pgtrickle__has_capture() }}
    {% endset %}
    declare
      lost oid;
    begin
    if exists (select {{ uncaptured }}) then
      for lost in select d.source_relid {{ uncaptured }} loop
        {{ pgtrickle__refill_others(name, 'lost') }}
      end loop;
      perform {{ pgtrickle__call('repair_stream_table', functions.repair_stream_table, {'name': name}) }};
      if exists (select {{ uncaptured }}) then
        raise exception 'the changes of a table that it reads are not captured';
      end if;
    {% if fill %}
      if exists (select from pgtrickle.pgt_stream_tables s
                 where s.pgt_schema || '.' || s.pgt_name = {{ pgtrickle__literal(name) }} and to_jsonb(s) ->> 'topk_limit' is null) then
        perform {{ pgtrickle__call('alter_stream_table', functions.alter_stream_table, {'name': name, 'query': query}) }};
      else
        perform {{ pgtrickle__call('refresh_stream_table', functions.refresh_stream_table, {'name': name}) }};
      end if;
    {% endif %}
    end if;
    end;
  {% endif %}
{% endmacro %}
