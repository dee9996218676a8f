{#- A duration schedule (90, 5m, 1h30m) in seconds; null for cron, calculated and what can't be read. -#}
{% macro pgtrickle__schedule_seconds(schedule) -%}
case when lower({{ schedule }}) ~ '^([0-9]+|([0-9]+[smhdw])+)$' then (
  select sum(part[1]::numeric * case part[2]
    when 'w' then 604800 when 'd' then 86400 when 'h' then 3600 when 'm' then 60 else 1 end)
  from regexp_matches(lower({{ schedule }}), '([0-9]+)([smhdw]?)', 'g') as part
)::double precision end
{%- endmacro %}
