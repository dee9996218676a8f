{#- PL/pgSQL that has an incremental stream table of groups refreshed by its groups, which are unique, whatever it reads: where a table
    under it has no key, 0.67.0 takes its rows for ones that may be equal, and fails to refresh them once another stream table reads it
    (42P10). Groups are told by their count; our unique index is the one beside the extension's, which isn't.
    name: a SQL expression of its quoted name. keep: false before its query changes, by which it may have no groups any more. -#}
{% macro pgtrickle__unique_rows(name, keep=true) %}
    declare
      ours regclass;
    begin
    {% if keep %}
      if exists (
        select from pgtrickle.pgt_stream_tables s
        join pg_attribute a on a.attrelid = s.pgt_relid and a.attname = '__pgt_count' and not a.attisdropped
        where s.pgt_relid = to_regclass({{ name }}) and s.refresh_mode = 'DIFFERENTIAL' and (to_jsonb(s) ->> 'has_keyless_source')::boolean
      ) then
        execute format('create unique index on %s (__pgt_row_id)', to_regclass({{ name }}));
        update pgtrickle.pgt_stream_tables set has_keyless_source = false where pgt_relid = to_regclass({{ name }});
      end if;
    exception
      -- of rows that are no groups, of a partitioned table; of a role that may not
      when unique_violation or feature_not_supported or insufficient_privilege then null;
    {% else %}
      select max(i.indexrelid::bigint) filter (where i.indisunique) into ours
      from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid and a.attname = '__pgt_row_id'
      where i.indrelid = to_regclass({{ name }}) and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
      having bool_or(not i.indisunique);
      if ours is not null then
        execute format('drop index %s', ours);
      end if;
    {% endif %}
    end;
{% endmacro %}
