{#- Values for rows that a trial makes up. Pure, for dbt and the tasks alike.
    pg_temp.dbt_pgtrickle_trial_pool(column_ jsonb, literals jsonb, have text[]): up to ten values that a column can take, as
    text: some that it has, those of the query's own literals and their neighbours that are valid for its type, and
    some ordinary ones. Empty where its type isn't known.
    pg_temp.dbt_pgtrickle_trial_fresh(column_ jsonb, number int): the same new value for the same number in every column of
    a kind, so that rows which take it join each other; null where its type has none.
    column_: as in dbt_pgtrickle_trial_sources. -#}
{% macro pgtrickle__trial_values_functions() -%}
  {%- set pool -%}
with ordinary (place, value) as (
  select place, value from unnest(case column_ ->> 'category'
    when 'N' then array['1', '2', '0', '-1', '7', '3.5']
    when 'S' then array['a', 'b', 'Abcdef gh', '', 'abc', 'ab', 'a@b.de', 'z']
    when 'D' then array['2026-01-01', '2026-01-02', '2026-02-03', '2025-12-31 23:30', '10:20:30', '11:00']
    when 'T' then array['1 day', '2 hours', '40 days']
    when 'B' then array['true', 'false']
    when 'I' then array['10.0.0.1', '10.0.1.0/24', '192.168.0.7']
    when 'V' then array['101', '1', '10101010']
    -- equal ones in one array too, of which unnest makes equal rows
    when 'A' then array['{}', '{1,2}', '{2,2}', '{a,a,b}', '{2026-01-01,2026-01-01}', '{2}', '{true,true}', '{NULL}']
    when 'R' then array['[1,5)', '[3,8)', 'empty', '[2026-01-01,2026-02-01)', '{[1,5)}']
    when 'G' then array['(1,2)', '(0,0)', '((0,0),(2,2))', '<(1,1),2>', '[(0,0),(1,1)]']
    when 'E' then array(select enumlabel::text from pg_enum where enumtypid = coalesce(
      nullif((select typbasetype from pg_type where oid = (column_ ->> 'typeid')::oid), 0), (column_ ->> 'typeid')::oid)
        order by enumsortorder)
    else array['{"a": 1, "b": "x"}', '{"a": 2}', '[1, 1, 2]', '\x01ff', '\x02', '<a>1</a>', 'a b:2', '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000002', '08:00:2b:01:02:03', 'a=>1', '16/B374D848', '12']
  end) with ordinality as listed (value, place)
),
literal (place, value) as (
  select ordinality, literal from jsonb_array_elements_text(literals) with ordinality as listed (literal, ordinality)
),
offered as (
  select place, value from unnest(have[:3]) with ordinality as held (value, place)
  union all
  -- what no column has that is rounded
  select 3, '12.34567' where column_ ->> 'category' = 'N'
  union all
  select 3 + place, value from literal
  union all
  select 3 + place, translate(value, '%_', 'x') from literal where value ~ '[%_]'
  union all
  select 5 + place, (value::numeric + step)::text from literal, (values (1), (-1)) as steps (step)
  where column_ ->> 'category' = 'N' and pg_input_is_valid(value, 'numeric')
  union all
  select 5 + place, (value::timestamp + make_interval(days => step))::text from literal, (values (1), (-1)) as steps (step)
  where column_ ->> 'category' = 'D' and pg_input_is_valid(value, 'timestamp')
  union all
  select 5 + place, (date '2026-01-02' + value::interval)::text from literal
  where column_ ->> 'category' = 'D' and value ~ '[a-z]' and pg_input_is_valid(value, 'interval')
  union all
  select 5 + place, value || '-06-15' from literal where column_ ->> 'category' = 'D' and value ~ '^(19|20)\d\d$'
  union all
  -- any literal may be a key, and any other one its value
  select 5 + place, unnest(array[jsonb_build_object(value, 1), (
    select jsonb_object_agg(key, literal.value) from jsonb_array_elements_text(literals) as listed (key))])::text
  from literal where column_ ->> 'base' in ('json', 'jsonb')
  union all
  select 100 + place, value from ordinary
  union all
  select 200 + place, value from unnest(have[4:]) with ordinality as held (value, place)
)
select coalesce(array_agg(value order by place), '{}')
from (
  select value, min(place) as place from offered
  where pg_input_is_valid(value, column_ ->> 'type')
  group by value order by min(place) limit 10
) as taken
  {%- endset -%}
  {%- set fresh -%}
select value
from (
  select case
    when column_ ->> 'category' = 'N' then (9000 + number)::text
    when column_ ->> 'category' = 'S' then 'k' || number
    when column_ ->> 'base' = 'uuid' then '00000000-0000-4000-9000-' || lpad(number::text, 12, '0')
    when column_ ->> 'category' = 'D' then (date '2031-01-01' + number)::text
    when column_ ->> 'base' = 'bytea' then '\x' || lpad(number::text, 8, '0')
    when column_ ->> 'category' = 'I' then '10.9.' || number / 250 || '.' || number % 250
  end as value
) as made
where value is not null and pg_input_is_valid(value, column_ ->> 'type')
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_pool(column_ jsonb, literals jsonb, have text[])', 'text[]', 'sql', pool) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_fresh(column_ jsonb, number int)', 'text', 'sql', fresh) }}
{%- endmacro %}
