{#- What it takes to compare stream tables with their queries: for each its query, its columns, its partitions, the
    tables that it reads, whether another one reads it, and, where it can't be compared, why; what dbt remembers of it (record), and
    the spelling of its query that the extension has (given).

    managed: dbt's models as JSON (null: not known). names: a JSON array; null for all that pgtrickle__covered gives. -#}
{% macro pgtrickle__contents(managed='null', names='null', everything='false') -%}
with
{{ pgtrickle__known(managed) }},
covered as (
  {{ pgtrickle__covered(managed, everything) }}
),
names as (
  select jsonb_array_elements_text({{ names }}::jsonb) as name
),
asked as (
  select distinct known.*, names.name
  from known
  left join names on {{ pgtrickle__is_named('names.name') }}
  where case
    when {{ names }}::jsonb is not null then names.name is not null
    else pgt_id is null or pgt_id in (select pgt_id from covered)
  end
),
answer as (
  select
    pgt_id,
    subject,
    model,
    call_name,
    owner,
    is_ours,
    status,
    refresh_mode,
    case when pgt_id is not null then quote_ident(schema_name) || '.' || quote_ident(table_name) end as storage,
    regexp_replace(query, '[;\s]+$', '') as query,
    array(
      select attname::text from pg_catalog.pg_attribute
      where attrelid = pgt_relid and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')
      order by attnum
    ) as columns,
    array(
      select {{ pgtrickle__compared_term('quote_ident(attname)', 'type', 'element') }}
      from pg_catalog.pg_attribute
      join pg_catalog.pg_type type on type.oid = atttypid
      join pg_catalog.pg_type element on element.oid = case when type.typcategory = 'A' then type.typelem
        else coalesce(nullif(type.typbasetype, 0), type.oid) end
      where attrelid = pgt_relid and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')
      order by attnum
    ) as terms,
    array(
      select distinct quote_ident(namespace.nspname) || '.' || quote_ident(relation.relname)
      from pgtrickle.pgt_dependencies dependency
      join pg_catalog.pg_class relation on relation.oid = dependency.source_relid and relation.relkind in ('r', 'p')
      join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
      where dependency.pgt_id = asked.pgt_id
      order by 1
    ) as sources,
    (
      select jsonb_agg(
        jsonb_build_object(
          'name', relation.relname,
          'storage', quote_ident(namespace.nspname) || '.' || quote_ident(relation.relname),
          'condition', coalesce(pg_get_partition_constraintdef(part.relid), 'true')
        )
        order by relation.relname
      )
      from pg_partition_tree(pgt_relid) part
      join pg_catalog.pg_class relation on relation.oid = part.relid
      join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
      where part.isleaf and part.parentrelid is not null
    ) as partitions,
    exists (select from pgtrickle.pgt_dependencies where source_relid = pgt_relid) as is_read,
    exists (
      select from pg_catalog.pg_trigger
      where tgrelid = pgt_relid and starts_with(tgname, 'pgt_') and tgname ~ 'guard' and tgenabled not in ('O', 'A')
    ) or (pgt_relid is not null and not exists (
      select from pg_catalog.pg_trigger where tgrelid = pgt_relid and tgname ~ 'guard'
    )) as unguarded,
    coalesce({{ pgtrickle__obstacle() }}, case when query is null then 'unreadable' end) as reason,
    error_message,
    blow_reason,
    refresh_reason,
    strayed_names,
    record,
    given
  from asked
  left join (
    {{ pgtrickle__records() }}
  ) as remembered using (pgt_id)
)
select
  pgt_id, subject, model, coalesce(call_name, '') as call_name, owner, coalesce(is_ours, true) as is_ours, status,
  coalesce(refresh_mode, '') as refresh_mode,
  coalesce(storage, '') as storage, coalesce(query, '') as query, columns, terms, sources, partitions, is_read, unguarded,
  coalesce(record, '{}') as record, coalesce(given, query, '') as given,
  coalesce(reason, '') as reason,
  case when reason is null then 'ok' when reason = 'paused' then 'warn' else 'error' end as verdict,
  coalesce(
    'not compared: ' || {{ pgtrickle__obstacle_cause() }},
    case when reason is not null then 'the extension''s catalog does not give its query' end,
    ''
  ) as cause,
  coalesce(
    {{ pgtrickle__obstacle_remedy() }},
    case when reason is not null then 'Report this version of pg_trickle; the contents can''t be judged' end,
    ''
  ) as remedy
from answer
union all
select null, name, null, '', null, true, null, '', '', '', array[]::text[], array[]::text[], array[]::text[], null, false, false,
  '{}', '', 'not_found', 'error',
  'no model and no stream table has this name', '{{ pgtrickle__names_remedy() }}'
from names where name not in (select name from asked where name is not null)
order by subject
{%- endmacro %}
