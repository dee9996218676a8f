{#- The latest refreshes of stream tables, newest first for each; those of the scheduler that changed nothing left out.

    names: a JSON array of tables with schema; null for all that pgtrickle__covered gives. entries: how many of each. most: how many in all,
    the latest; null for all. -#}
{% macro pgtrickle__history(names='null', entries='20', managed='null', everything='false', most='null') -%}
select *
from (
  select
    tables.schema_name || '.' || tables.table_name as subject,
    refresh.start_time,
    lower(refresh.action) as action,
    lower(refresh.status) as outcome,
    lower(refresh.initiated_by) as initiated_by,
    coalesce(refresh.rows_inserted, 0) as rows_inserted,
    coalesce(refresh.rows_updated, 0) as rows_updated,
    coalesce(refresh.rows_deleted, 0) as rows_deleted,
    -- one that ends in the moment when it starts was not measured (a refresh by hand, observed on 0.67.0)
    nullif(coalesce(refresh.duration_ms, extract(epoch from refresh.end_time - refresh.start_time) * 1000)::double precision,
      0) as duration_ms,
    coalesce(refresh.was_full_fallback, false) as fell_back,
    coalesce({{ pgtrickle__error_message('refresh.error_message') }}, '') as error_message
  from (
    {{ pgtrickle__tables() }}
  ) as tables
  cross join lateral (
    select fields.*
    from pgtrickle.pgt_refresh_history listed
    cross join lateral jsonb_to_record(to_jsonb(listed)) as fields(
      start_time timestamptz, end_time timestamptz, action text, status text, initiated_by text, rows_inserted bigint,
      rows_updated bigint, rows_deleted bigint, duration_ms double precision, was_full_fallback boolean, error_message text
    )
    where listed.pgt_id = tables.pgt_id
      and fields.action <> 'NO_DATA'
      and not (
        fields.initiated_by = 'SCHEDULER' and fields.status = 'COMPLETED'
        and coalesce(fields.rows_inserted, 0) + coalesce(fields.rows_updated, 0) + coalesce(fields.rows_deleted, 0) = 0
      )
    order by listed.start_time desc
    limit {{ entries }}
  ) as refresh
  where {{ names }}::jsonb is null and tables.pgt_id in (
    {{ pgtrickle__covered(managed, everything) }}
    )
    or tables.schema_name || '.' || tables.table_name in (select jsonb_array_elements_text({{ names }}::jsonb))
  order by start_time desc
  limit {{ most }}
) as latest
order by subject, start_time desc
{%- endmacro %}
