{#- PL/pgSQL that gives the entries of renamed stream tables their tables' present names, and with them those entries that have these names:
    pg_trickle's functions and its scheduler go by the entry's name, and would take another's table for it (observed on 0.67.0). Calling
    alter_stream_table() for each has every session forget what it prepared under the old name. ids: pgt_id's. -#}
{% macro pgtrickle__call_as_they_are(ids) %}
  declare
    misnamed jsonb;
  begin
    with recursive placed as (
      {{ pgtrickle__entries() }}
    ),
    named as (
      select pgt_id, schema_name, table_name from placed
      where place = 'renamed' and pgt_id in (null{% for id in ids %}, {{ id }}{% endfor %})
      union
      select placed.pgt_id, placed.schema_name, placed.table_name
      from named join placed on placed.place = 'renamed' and placed.call_name = named.schema_name || '.' || named.table_name
    )
    select coalesce(jsonb_agg(to_jsonb(named)), '[]') into misnamed from named;
    -- two may have changed names with each other
    update pgtrickle.pgt_stream_tables s set pgt_name = 'dbt_pgtrickle_' || s.pgt_id
    from jsonb_to_recordset(misnamed) as named (pgt_id bigint) where s.pgt_id = named.pgt_id;
    update pgtrickle.pgt_stream_tables s set pgt_schema = named.schema_name, pgt_name = named.table_name
    from jsonb_to_recordset(misnamed) as named (pgt_id bigint, schema_name text, table_name text) where s.pgt_id = named.pgt_id;
    perform pgtrickle.alter_stream_table(schema_name || '.' || table_name)
    from jsonb_to_recordset(misnamed) as named (schema_name text, table_name text);
  end;
{% endmacro %}
