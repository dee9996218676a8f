{#- When a cron schedule (five fields, six with seconds, or @name; UTC) is next due after a moment:
    infinity when not before tomorrow, null when it can't be read. To the minute. -#}
{% macro pgtrickle__cron_next(schedule, after) -%}
{%- set names = {
  'jan': 1, 'feb': 2, 'mar': 3, 'apr': 4, 'may': 5, 'jun': 6, 'jul': 7, 'aug': 8, 'sep': 9, 'oct': 10,
  'nov': 11, 'dec': 12, 'sun': 0, 'mon': 1, 'tue': 2, 'wed': 3, 'thu': 4, 'fri': 5, 'sat': 6
} -%}
(
  with words as (
    select lower(btrim({{ schedule }})) as text
  ),
  spelled as (
    select case text
      when '@yearly' then '0 0 1 1 *' when '@annually' then '0 0 1 1 *' when '@monthly' then '0 0 1 * *'
      when '@weekly' then '0 0 * * 0' when '@daily' then '0 0 * * *' when '@midnight' then '0 0 * * *'
      when '@hourly' then '0 * * * *'
      else
      {% for name in names %}replace({% endfor %}text{% for name, number in names.items() %}, '{{ name }}', '{{ number }}'){% endfor %}
      end as text
    from words
  ),
  split as (
    select regexp_split_to_array(text, '\s+') as all_fields from spelled
  ),
  parts as (
    select case cardinality(all_fields) when 5 then all_fields when 6 then all_fields[2:6] end as field from split
  ),
  sets as (
    select
      {{ pgtrickle__cron_values('field[1]', 0, 59) }} as minutes,
      {{ pgtrickle__cron_values('field[2]', 0, 23) }} as hours,
      {{ pgtrickle__cron_values('field[3]', 1, 31) }} as days,
      {{ pgtrickle__cron_values('field[4]', 1, 12) }} as months,
      {{ pgtrickle__cron_values('field[5]', 0, 7) }} as weekdays,
      left(field[3], 1) in ('*', '?') as any_day,
      left(field[5], 1) in ('*', '?') as any_weekday
    from parts
    where (select bool_and(one ~ '^((\*|\?|[0-9]+(-[0-9]+)?)(/[1-9][0-9]*)?(,|$))+$') from unnest(field) as one)
  )
  select coalesce(
    (
      select min(moment)
      from generate_series(
        date_trunc('day', {{ after }} at time zone 'UTC'),
        date_trunc('day', now() at time zone 'UTC') + interval '1 day',
        interval '1 day'
      ) as day
      cross join unnest(hours) as hour
      cross join unnest(minutes) as minute
      cross join lateral (
        select (day + make_interval(hours => hour, mins => minute)) at time zone 'UTC' as moment
      ) as fire
      cross join lateral (
        select
          extract(day from day)::int = any (days) as day_fits,
          extract(dow from day)::int = any (weekdays) or extract(isodow from day)::int = any (weekdays) as weekday_fits
      ) as calendar
      where extract(month from day)::int = any (months)
        -- a day of the month and a weekday, both named, mean either
        and case when any_day or any_weekday then day_fits and weekday_fits else day_fits or weekday_fits end
        and moment > {{ after }}
    ),
    'infinity'::timestamptz
  )
  from sets
  where cardinality(minutes) > 0 and cardinality(hours) > 0 and cardinality(days) > 0
    and cardinality(months) > 0 and cardinality(weekdays) > 0
)
{%- endmacro %}

{#- The numbers that one field of a cron schedule stands for. -#}
{% macro pgtrickle__cron_values(field, lowest, highest) -%}
array(
  select distinct number
  from unnest(string_to_array({{ field }}, ',')) as item
  cross join lateral regexp_match(item, '^(\*|\?|[0-9]+)(?:-([0-9]+))?(?:/([0-9]+))?$') as part
  cross join lateral generate_series(
    case when part[1] in ('*', '?') then {{ lowest }} else part[1]::int end,
    least({{ highest }}, case
      when part[2] is not null then part[2]::int
      when part[1] in ('*', '?') or part[3] is not null then {{ highest }}
      else part[1]::int
    end),
    coalesce(part[3]::int, 1)
  ) as number
)
{%- endmacro %}
