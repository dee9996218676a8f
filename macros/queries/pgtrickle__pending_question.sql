{#- The SQL that tells, as `pending`, whether a stream table may differ from its query by right: changes wait for it,
    or nobody can tell, or the query's answer changes by itself. To be asked in the snapshot in which the two are
    compared. Two steps, since only the catalog knows what the change buffers are called. -#}
{% macro pgtrickle__pending_question(pgt_id) -%}
with own as (
  select entry.*, coalesce(original_query, '') || ' ' || coalesce(defining_query, '') as text
  from (select to_jsonb(listed) as entry from pgtrickle.pgt_stream_tables listed where pgt_id = {{ pgt_id }}) raw
  cross join lateral jsonb_to_record(raw.entry) as entry(
    pgt_id bigint, refresh_mode text, frontier jsonb, needs_reinit boolean, last_refresh_at timestamptz,
    original_query text, defining_query text
  )
),
sources as (
  select
    source_type,
    upper(dependency.cdc_mode) as cdc_mode,
    to_regclass(
      quote_ident({{ pgtrickle__buffers_schema() }})
      || '.' || quote_ident('changes_' || coalesce('pgt_' || upstream.pgt_id, tracking.source_stable_name))
    ) as buffer,
    own.frontier #>> array['sources', coalesce('pgt_' || upstream.pgt_id, source_relid::text), 'lsn'] as seen,
    upstream.data_timestamp > own.last_refresh_at as is_older
  from own
  join pgtrickle.pgt_dependencies dependency using (pgt_id)
  left join pgtrickle.pgt_change_tracking tracking using (source_relid)
  left join pgtrickle.pgt_stream_tables upstream on upstream.pgt_relid = source_relid
  where source_type <> 'VIEW'
),
called as (
  select distinct lower(word[1]) as name from own, regexp_matches(text, '([[:alpha:]_][[:alnum:]_$]*)"?\s*\(', 'g') as word
),
changing as (
  select from own where text ~* '\m(current_(date|time|timestamp|user|role|schema)|localtime|localtimestamp|session_user)\M'
  union all
  select from called
  join pg_catalog.pg_proc function on proname = name
  where provolatile = 'v' or provolatile = 's' and (
    pronamespace <> 'pg_catalog'::regnamespace or name in ('now', 'transaction_timestamp', 'statement_timestamp', 'age')
  )
),
conditions as (
  select case
    when source_type not in ('TABLE', 'STREAM_TABLE') or cdc_mode <> 'TRIGGER' or is_older then 'true'
    when buffer is null and source_type = 'STREAM_TABLE' then 'false'
    when not exists (select from pg_catalog.pg_attribute where attrelid = buffer and attname = 'lsn') then 'true'
    else 'exists (select from ' || buffer || coalesce(' where lsn > ' || quote_literal(seen), '') || ')'
  end as condition
  from sources
  where to_regproc('pgtrickle_lite.has_pending_changes') is null
  union all
  select 'pgtrickle_lite.has_pending_changes(listed)' where to_regproc('pgtrickle_lite.has_pending_changes') is not null
  union all
  select 'true' from own where needs_reinit or frontier is null
)
select 'select ' || case
    when exists (select from changing) then 'true'
    when upper(refresh_mode) = 'IMMEDIATE' then 'false'
    else (select string_agg(condition, ' or ') from conditions)
  end || ' as pending from pgtrickle.pgt_stream_tables listed where pgt_id = ' || pgt_id as question
from own
{%- endmacro %}
