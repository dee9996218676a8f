{#- Every stream table of the catalog under its present name, with the columns that checks judge. pgt_relid is null where the entry doesn't
    point at a table of its own, so that nobody takes another's for it; relid is the table that it should point at (pgtrickle__entries).
    Columns are read by name out of the whole row: one that this version lacks is null here and, where a
    verdict rests on it, named in `missing`. -#}
{% macro pgtrickle__tables() -%}
select
  pgt_id,
  case when place in ('right', 'renamed') then relid end as pgt_relid,
  relid,
  schema_name,
  table_name,
  call_name,
  place,
  {{ pgtrickle__owner('relid') }} as owner,
  coalesce({{ pgtrickle__is_ours('relid') }}, true) as is_ours,
  upper(entry.status) as status,
  upper(entry.refresh_mode) as refresh_mode,
  upper(entry.effective_refresh_mode) as effective_refresh_mode,
  entry.schedule,
  entry.is_populated,
  entry.needs_reinit,
  entry.last_refresh_at,
  entry.data_timestamp,
  entry.last_error_at,
  entry.consecutive_errors,
  entry.refresh_tier,
  entry.fuse_state,
  coalesce(entry.blow_reason, '') as blow_reason,
  coalesce(entry.refresh_reason, '') as refresh_reason,
  {{ pgtrickle__error_message('entry.last_error_message') }} as error_message,
  -- the model's own, which the extension may have in another spelling
  coalesce(remembered.record ->> 'query', entry.original_query, entry.defining_query) as query,
  upper(remembered.record ->> 'asked') as asked_mode,
  remembered.record -> 'trial' ->> 'outcome' as trial,
  remembered.record -> 'trial' ->> 'change' as trial_change,
  exists (
    select from pgtrickle.pgt_dependencies dependency
    where dependency.pgt_id = placed.pgt_id
      -- a dbt that ended between them has put the new table in its place, and not dropped the old one
      and not exists (
        select from pg_catalog.pg_class source where source.oid = dependency.source_relid and source.relname !~ '__dbt_backup$'
      )
  ) as source_gone,
  {{ pgtrickle__strayed_names() }} as strayed_names,
  array(
    select needed
    from unnest(array[
      'pgt_relid', 'status', 'refresh_mode', 'schedule', 'is_populated', 'last_refresh_at', 'last_error_message'
    ]) as needed
    where not jsonb_exists(raw.entry, needed)
  ) as missing
-- once a row: without offset the planner puts the expression wherever the column is named
from (select to_jsonb(listed) as entry from pgtrickle.pgt_stream_tables listed offset 0) raw
cross join lateral jsonb_to_record(raw.entry) as entry(
  pgt_id bigint, pgt_relid oid, pgt_schema text, pgt_name text, status text, refresh_mode text,
  effective_refresh_mode text, schedule text, is_populated boolean, needs_reinit boolean,
  last_refresh_at timestamptz, data_timestamp timestamptz, last_error_message text,
  last_error_at timestamptz, consecutive_errors int, refresh_tier text, fuse_state text,
  blow_reason text, refresh_reason text, original_query text, defining_query text
)
join (
  {{ pgtrickle__entries() }}
) as placed using (pgt_id)
left join lateral (
  {{ pgtrickle__record_of('placed.relid') }}
) as remembered on true
{%- endmacro %}
