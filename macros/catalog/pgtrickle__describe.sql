{#- All that a decision about one stream table needs of the catalog.
    relation: where the model lives; model: its node as a dict; before: statements to send with it, one less than by themselves; what they
    answer is `told`.
    Gives {extension, role, functions, relation, stream_table, place, namesake, columns, indexes, sources, unbound, parents: from
    pgtrickle__parents, …}; a part that doesn't exist is none or empty. place: of the stream table, as in pgtrickle__entries; namesake:
    {pgt_id, place, now: its table's present name}, an entry that has this name and another table, or none. -#}
{% macro pgtrickle__describe(relation, model, before='') %}
  {% set parents = pgtrickle__parents(model) %}
  {% set schema, name = pgtrickle__literal(relation.schema), pgtrickle__literal(relation.identifier) %}
  {% set rows = pgtrickle__parent_rows(parents) %}
  {% set state = pgtrickle__query_json('(' ~ pgtrickle__surroundings(schema, name, rows) ~ ')::text', before=before) %}
  {% do state.update({'parents': parents}) %}
  {# what is new, as all are in a first run, has no more to be asked for #}
  {% if state.relation %}{% do state.update(pgtrickle__query_json('(' ~ pgtrickle__existing(schema, name, rows) ~ ')::text')) %}{% endif %}
  {% do pgtrickle__place(state, relation) %}
  {% do return(state) %}
{% endmacro %}

{#- The same of several models, in one statement, which PostgreSQL plans once: {unique_id: state}.
    models: their nodes, {unique_id: node}. -#}
{% macro pgtrickle__describe_all(models) %}
  {% set relations, asked = {}, [] %}
  {% for unique_id, node in models.items() %}
    {% set relation = pgtrickle__target_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias),
        node) %}
    {% do relations.update({unique_id: relation}) %}
    {% do asked.append({'unique_id': unique_id, 'schema': relation.schema, 'name': relation.identifier,
        'parents': pgtrickle__parents(node)}) %}
  {% endfor %}
  {% set schema, name = 'asked.schema::name', 'asked.name::name' %}
  {% set rows = 'select * from jsonb_to_recordset(asked.parents) as named (schema text, name text)' %}
  {% set states = pgtrickle__query_json("
    select coalesce(json_object_agg(asked.unique_id, (\n" ~ pgtrickle__surroundings(schema, name, rows) ~ "\n) || (\n"
      ~ pgtrickle__existing(schema, name, rows) ~ "\n)), '{}')::text
    from jsonb_to_recordset(" ~ pgtrickle__literal(tojson(asked)) ~ "::jsonb)
      as asked (unique_id text, schema text, name text, parents jsonb)", before='set local jit = off', abridged=true) %}
  {% for unique_id, relation in relations.items() %}{% do pgtrickle__place(states[unique_id], relation) %}{% endfor %}
  {% do return(states) %}
{% endmacro %}

{#- SQL, one row, JSONB: what a relation of some name meets, whether it is there or not. schema, name: SQL expressions; parents: SQL of rows
    (schema, name). -#}
{% macro pgtrickle__surroundings(schema, name, parents) -%}
with recursive {{ pgtrickle__target(schema, name) }},
{{ pgtrickle__reads(parents) }},
tables as (
  select distinct c.oid, c.relkind, c.reltuples, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) as name,
    pg_get_constraintdef(k.oid) as key
  from reads join pg_class c using (oid) join pg_namespace n on n.oid = c.relnamespace
  left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
  where not is_view
)
select jsonb_build_object(
  'extension', (select max(extname || ' ' || extversion) from pg_extension where extname in ('pg_trickle', 'pg_trickle_lite')),
  'role', current_user,
  'told', {{ pgtrickle__answered() }}::json,
  'functions', (
    select json_object_agg(p.proname, json_build_object(
      'arguments', to_json(p.proargnames[1:p.pronargs]),
      'may_execute', has_function_privilege(p.oid, 'execute')))
    from pg_proc p
    where p.pronamespace = to_regnamespace('pgtrickle')
      and p.proname in ('create_stream_table', 'alter_stream_table', 'drop_stream_table', 'refresh_stream_table',
                        'rebuild_cdc_triggers', 'repair_stream_table', 'explain_delta', 'explain_alter', 'source_stable_name')),
  'may_try', has_database_privilege(current_database(), 'create'),
  'relation', (
    select json_build_object('oid', oid::bigint, 'kind', relkind::text, 'description', obj_description(oid, 'pg_class'))
    from target),
  'misplaced', exists (
    select from pgtrickle.pgt_stream_tables s
    where (s.pgt_schema = {{ schema }} and s.pgt_name = {{ name }})
      <> coalesce(s.pgt_relid = (select oid from target), false)),
  'behind', (
    select max(s.pgt_id) - coalesce(pg_sequence_last_value(numbers), 0)
    from (select pg_get_serial_sequence('pgtrickle.pgt_stream_tables', 'pgt_id')::regclass as numbers) as sequence,
      pgtrickle.pgt_stream_tables s
    where has_sequence_privilege(numbers, 'usage')
    group by numbers),
  'carries_own', exists (
    select from reads join pg_attribute a on a.attrelid = reads.oid
    where depth = 0 and starts_with(a.attname, '__pgt_') and not a.attisdropped),
  'keyless_parents', (
    select json_agg(entry.name)
    from (
      -- offset 0: of these alone, for it takes a while a stream table
      select s.pgt_schema || '.' || s.pgt_name as name, s.pgt_relid, to_jsonb(s) ->> 'has_keyless_source' as keyless
      from (select distinct oid from reads) as parent join pgtrickle.pgt_stream_tables s on s.pgt_relid = parent.oid
      where s.refresh_mode = 'DIFFERENTIAL' offset 0) as entry
    left join pg_attribute a on a.attrelid = entry.pgt_relid and a.attname = '__pgt_row_id'
    -- its trial had a reader
    where keyless = 'true' and col_description(entry.pgt_relid, a.attnum) like '%"read": true%' is not true),
  'keyless', exists (
    select from reads join pg_class c on c.oid = reads.oid and c.relkind in ('r', 'p')
    where not exists (select from pg_index where indrelid = c.oid and indisprimary)
      and not exists (select from pgtrickle.pgt_stream_tables where pgt_relid = c.oid)),
  'unwatched', (
    select json_agg(distinct format('the %s %s', case relkind when 'm' then 'materialized view' else 'foreign table' end, name))
    from tables where relkind in ('m', 'f')),
  'subscribed', (
    select json_agg(name order by name) from tables
    where exists (
      select from pg_subscription_rel
      where srrelid = tables.oid or srrelid in (select part.relid from pg_partition_tree(tables.oid) as part))),
  'parted', (select json_agg(name order by name) from tables where relkind = 'p'),
  'missing', (select json_agg(json_build_object('schema', parent_schema, 'name', parent_name))
    from (select split_part(parent, '.', 1) as parent_schema, substring(parent from position('.' in parent) + 1) as parent_name
      from reads where depth = 0 and oid is null) as absent),
  'sizes', (select string_agg(trunc(log(greatest(reltuples, 1)::numeric))::text, ',' order by oid) from tables),
  'keys', (
    select string_agg(concat_ws(' ', coalesce(key, 'no key'),
        (select string_agg(format_type(atttypid, atttypmod), ' ' order by attnum) from pg_attribute
          where attrelid = tables.oid and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')),
        (select 'inherited' from pg_inherits where inhparent = tables.oid and relkind = 'r' limit 1)
      ), ',' order by nspname, relname)
    from tables),
  'primary_keys', (select json_object_agg(name, key) from tables),
  'views', {{ pgtrickle__view_fingerprint(parents) }}
)
{%- endmacro %}

{#- The same of the stream table, or whatever else it is, once it is there. -#}
{% macro pgtrickle__existing(schema, name, parents) -%}
with recursive {{ pgtrickle__target(schema, name) }},
source as (
  select d.source_relid, d.source_type, c.relname, n.nspname
  from target t
  join pgtrickle.pgt_stream_tables s on s.pgt_relid = t.oid
  join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
  left join pg_class c on c.oid = d.source_relid
  left join pg_namespace n on n.oid = c.relnamespace
),
{{ pgtrickle__reads(parents) }}
select jsonb_build_object(
  'owned', (select pg_has_role(relowner, 'usage') from target),
  'stream_table', (
    select {{ pgtrickle__entry_row('s') }} from target t join pgtrickle.pgt_stream_tables s on s.pgt_relid = t.oid),
  'record', (
    select col_description(t.oid, a.attnum)
    from target t join pg_attribute a on a.attrelid = t.oid and a.attname = '__pgt_row_id' and not a.attisdropped),
  'columns', (
    select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null),
                                      'description', col_description(a.attrelid, a.attnum)) order by a.attnum)
    from target t join pg_attribute a on a.attrelid = t.oid
    where a.attnum > 0 and not a.attisdropped and a.attname !~ '^__pgt_(?!dbt_)'),
  'indexes', (
    select json_agg(json_build_object('name', c.relname, 'unique', i.indisunique, 'type', m.amname, 'columns', (
        select json_agg(pg_get_indexdef(i.indexrelid, k.position::int, false) order by k.position)
        from generate_series(1, i.indnkeyatts) k(position))))
    from target t
    join pg_index i on i.indrelid = t.oid
    join pg_class c on c.oid = i.indexrelid
    join pg_am m on m.oid = c.relam),
  'sources', (
    select json_agg(json_build_object('oid', source_relid::bigint, 'type', source_type, 'schema', nspname, 'name', relname))
    from source),
  'uncaptured', (
    select string_agg(case when {{ pgtrickle__has_capture() }} then 'capture is off, or was, for changes of '
      else 'nothing captures the changes of ' end || d.source_relid::regclass, ', ')
    from target t
    join pgtrickle.pgt_stream_tables s on s.pgt_relid = t.oid
    join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
    where {{ pgtrickle__is_uncaptured() }}),
  'partitions', (select {{ pgtrickle__partitions('s.pgt_id') }} from target t join pgtrickle.pgt_stream_tables s on s.pgt_relid = t.oid),
  'strayed', (
    select {{ pgtrickle__strayed_names("to_jsonb(entry) ->> 'original_query'") }}
    from pgtrickle.pgt_stream_tables entry
    join (select oid as relid from target) as target on relid = pgt_relid
    cross join lateral (select entry.pgt_id, relid) as placed),
  -- a parent counts as bound where it is, or, a view written out, what it reads
  'unbound', (
    select json_agg(distinct parent)
    from reads as reading
    where depth = 0 and (oid is null or not exists (select from source where source_relid = reading.oid))
      and (not is_view or exists (
        select from reads as read where read.parent = reading.parent and not read.is_view
          and not exists (select from source where source_relid = read.oid))))
)
{%- endmacro %}

{#- SQL, the common table expression `target`: the relation of that name, if there is one. -#}
{% macro pgtrickle__target(schema, name) -%}
target as (
  select c.oid, c.relkind, c.relowner
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = {{ schema }} and c.relname = {{ name }}
)
{%- endmacro %}

{#- Adds to a state where the stream table is, and whose entry has its name. -#}
{% macro pgtrickle__place(state, relation) %}
  {% do state.update({'place': 'right', 'namesake': none}) %}
  {% if state.misplaced %}{% do pgtrickle__put_right(state, relation) %}{% endif %}
{% endmacro %}

{#- Corrects what pgtrickle__describe found by OID alone, where an entry's OID and its name don't lead to the same relation. -#}
{% macro pgtrickle__put_right(state, relation) %}
  {% set oid = (state.relation or {}).get('oid') %}
  {% set condition %}
    entry.pgt_relid = {{ pgtrickle__literal(oid) }}
    or (entry.pgt_schema = {{ pgtrickle__literal(relation.schema) }} and entry.pgt_name = {{ pgtrickle__literal(relation.identifier) }})
  {% endset %}
  {% set entries = pgtrickle__query_json("
    select coalesce(json_agg(json_build_object('pgt_id', pgt_id, 'place', place, 'relid', relid::bigint, 'call_name', call_name,
      'now', schema_name || '.' || table_name, 'row', " ~ pgtrickle__entry_row('s') ~ ")), '[]')::text
    from (" ~ pgtrickle__entries(condition) ~ ") as placed
    join pgtrickle.pgt_stream_tables s using (pgt_id)") %}
  {% do state.update({'stream_table': none}) %}
  {% for entry in entries %}
    {% if oid and entry.relid == oid %}
      {% do state.update({'stream_table': entry.row, 'place': entry.place}) %}
    {% elif entry.call_name == relation.schema ~ '.' ~ relation.identifier %}
      {% do state.update({'namesake': entry}) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
