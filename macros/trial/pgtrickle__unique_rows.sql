{#- PL/pgSQL that has an incremental stream table of groups refreshed by its groups, which are unique, whatever it reads: where a table
    under it has no key, 0.67.0 takes its rows for ones that may be equal, and fails to refresh them once another stream table reads it
    (42P10). Groups are told by their count. name: a SQL expression of its quoted name. -#}
{% macro pgtrickle__unique_rows(name) %}
    begin
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
    end;
{% endmacro %}
