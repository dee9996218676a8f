{#- SQL, rows {name: schema.name, relid, record, state: all that pgtrickle__decide looks at, as one md5} of the stream tables that dbt
    remembers, without those whose entry and name lead to different tables. Rather too much than too little counts: a difference costs a
    look, no more. condition: SQL on c, n: of pg_class and pg_namespace. -#}
{% macro pgtrickle__state_fingerprint(condition) -%}
with recursive target as (
  select n.nspname || '.' || c.relname as name, c.oid as relid, a.attnum as remembered, comment::jsonb as record, to_jsonb(s) as entry
  from pg_namespace n
  join pg_class c on c.relnamespace = n.oid
  join pgtrickle.pgt_stream_tables s on s.pgt_relid = c.oid and s.pgt_schema = n.nspname and s.pgt_name = c.relname
  join pg_attribute a on a.attrelid = c.oid and a.attname = '__pgt_row_id' and not a.attisdropped
  cross join lateral col_description(c.oid, a.attnum) as comment
  where {{ condition }} and comment is json object
),
reads (relid, oid, kind) as (
  select target.relid, c.oid, c.relkind
  from target
  cross join jsonb_to_recordset(record -> 'parents') as parent (schema text, name text)
  left join pg_namespace n on n.nspname = parent.schema
  left join pg_class c on c.relnamespace = n.oid and c.relname = parent.name
  union
  select reads.relid, c.oid, c.relkind
  from reads
  join pg_rewrite r on r.ev_class = reads.oid and reads.kind = 'v'
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    and d.refobjid <> r.ev_class
  join pg_class c on c.oid = d.refobjid
)
select name, relid, record, md5(concat_ws(' ',
  current_user,
  (select string_agg(extversion, ' ') from pg_extension where extname in ('pg_trickle', 'pg_trickle_lite')),
  (
    select string_agg(concat_ws(' ', key, value), ' ' order by key) from jsonb_each(entry)
    where key in ({% for column in pgtrickle__decided_columns() %}{{ pgtrickle__literal(column) }}{{ ', ' if not loop.last }}{% endfor %})),
  -- what it stands on by the extension's account
  (
    select string_agg(concat_ws(' ', d.source_relid, d.source_type, c.relnamespace, c.relname, to_jsonb(d) ->> 'cdc_mode',
        (select string_agg(tgenabled::text, '' order by tgrelid, tgname) from pg_trigger where starts_with(tgname, 'pg_trickle_cdc_')
          and (tgrelid = d.source_relid or tgrelid in (select part.relid from pg_partition_tree(d.source_relid) as part))),
        (select concat_ws(' ', to_jsonb(s) ->> 'has_keyless_source', s.refresh_mode) from pgtrickle.pgt_stream_tables s
          where s.pgt_relid = d.source_relid)
      ), ',' order by d.source_relid)
    from pgtrickle.pgt_dependencies d
    left join pg_class c on c.oid = d.source_relid
    where d.pgt_id = (entry ->> 'pgt_id')::bigint),
  {{ pgtrickle__partitions("(entry ->> 'pgt_id')::bigint") }},
  -- what it reads by the model's account, the views' meaning, columns and keys with it
  (
    select string_agg(concat_ws(' ', oid, kind,
        (select string_agg(md5(ev_action::text), ' ') from pg_rewrite where ev_class = reads.oid and kind = 'v'),
        (select concat_ws(' ', relrowsecurity, reloptions) from pg_class where pg_class.oid = reads.oid),
        (select count(*) from pg_inherits where inhparent = reads.oid),
        (select count(*) from pg_subscription_rel where srrelid = reads.oid),
        (select string_agg(concat_ws(' ', attname, atttypid, atttypmod, attcollation, attnotnull), ',' order by attnum)
          from pg_attribute where attrelid = reads.oid and attnum > 0),
        (select concat_ws(' ', indexrelid, indkey) from pg_index where indrelid = reads.oid and indisprimary)
      ), ',' order by oid)
    from reads where reads.relid = target.relid),
  -- the table itself, its indexes and comments
  (
    select string_agg(concat_ws(' ', attname, atttypid, atttypmod), ',' order by attnum)
    from pg_attribute where attrelid = target.relid and attnum > 0),
  (
    select string_agg(concat_ws(' ', indexrelid, indisunique, indkey), ',' order by indexrelid)
    from pg_index where indrelid = target.relid),
  (
    select string_agg(concat_ws(' ', objsubid, description), ',' order by objsubid)
    from pg_description where objoid = target.relid and classoid = 'pg_class'::regclass and objsubid <> remembered)
)) as state
from target
{%- endmacro %}

{#- The same of one stream table. Rendered once a run, and kept in dbt's own `graph`. relation: the stream table's. -#}
{% macro pgtrickle__state_fingerprint_of(relation) %}
  {% if 'pgtrickle_state_fingerprint' not in graph %}
    {% do graph.update({'pgtrickle_state_fingerprint': pgtrickle__state_fingerprint("n.nspname = '<schema>' and c.relname = '<name>'")}) %}
  {% endif %}
  {% do return(graph.pgtrickle_state_fingerprint.replace('<schema>', relation.schema).replace('<name>', relation.identifier)) %}
{% endmacro %}

{#- The columns of a stream table's entry that a decision looks at. -#}
{% macro pgtrickle__decided_columns() %}
  {% set columns = ['pgt_id', 'defining_query', 'original_query', 'is_populated', 'needs_reinit', 'has_keyless_source', 'topk_limit',
    'freshness_deadline_ms', 'st_placement'] %}
  {% do return(columns + pgtrickle__setting_specs().values() | map(attribute='column') | select('defined') | list) %}
{% endmacro %}
