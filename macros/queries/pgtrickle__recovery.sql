{#- What the extension's validate_recovery() says, as a verdict. Its text is not specified further than by its
    reason codes, such as CDC_TRIGGER_MISSING: one of those is an error. -#}
{% macro pgtrickle__recovery() -%}
select
  'recovery' as subject,
  null::bigint as source_relid,
  case when codes = '' then 'ok' else 'error' end as verdict,
  case when codes = '' then '' else 'recovery' end as reason,
  case when codes = '' then '' else 'the extension reports ' || codes end as cause,
  case when codes = '' then '' else 'select pgtrickle.validate_recovery(); then: invoke cdc-health --repair' end as remedy,
  null::text as source_type,
  null::text as cdc_mode,
  null::text[] as used_by,
  null::bigint as pending_rows
from pgtrickle.validate_recovery() as answer
cross join lateral (
  select coalesce(string_agg(distinct code[1], ', '), '') as codes
  from regexp_matches(answer::text, '\m([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:MISSING|LOST|INVALID|MISMATCH|STALE|BLOCKED))\M', 'g') as code
) as found
{%- endmacro %}
