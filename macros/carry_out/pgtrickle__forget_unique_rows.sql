{#- PL/pgSQL that takes away what pgtrickle__unique_rows made, before a stream table's query changes, by which it may have no groups any
    more: the unique index of row ids beside the extension's own, which isn't. name: a SQL expression of its quoted name. -#}
{% macro pgtrickle__forget_unique_rows(name) %}
    declare
      ours regclass;
    begin
      select max(i.indexrelid::bigint) filter (where i.indisunique) into ours
      from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid and a.attname = '__pgt_row_id'
      where i.indrelid = to_regclass({{ name }}) and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
      having bool_or(not i.indisunique);
      if ours is not null then
        execute format('drop index %s', ours);
      end if;
    end;
{% endmacro %}
