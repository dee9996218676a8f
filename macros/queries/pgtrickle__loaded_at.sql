{#- Until when each stream table is current: now where nothing waits for it, the last refresh elsewhere, and the
    epoch where it is broken, so that no limit lets it pass. -#}
{% macro pgtrickle__loaded_at(model_name='null') -%}
select
  subject,
  case
    when verdict = 'error' and reason <> 'late' then 'epoch'::timestamptz
    when reason = '' and (refresh_mode = 'IMMEDIATE' or schedule is null) then now()
    else coalesce(now() - make_interval(secs => age_seconds), 'epoch'::timestamptz)
  end as loaded_at
from (
{{ pgtrickle__freshness(model_name=model_name) }}
) as verdicts
where not server_wide
{%- endmacro %}
