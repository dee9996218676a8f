{#- What to type about an obstacle. reason: SQL, what pgtrickle__obstacle gave for the same row. A stream table that is no
    model can't be built here: its own project does that, if there still is one. -#}
{% macro pgtrickle__obstacle_remedy(reason='reason') -%}
case
  when {{ reason }} in ('not_in_database', 'not_a_stream_table') then 'invoke run --select ' || model
  when {{ reason }} = 'renamed' then coalesce('invoke run --select ' || model, 'invoke resume ' || subject)
  when {{ reason }} in ('storage_gone', 'source_dropped', 'source_renamed') then coalesce(
    'invoke run --select ' || model, 'Build it again where its model is (invoke run); if there is none any more: invoke drop ' || subject
  )
  when {{ reason }} = 'fuse_blown' then 'Look at the changes, then: invoke resume ' || coalesce(model, subject)
  when {{ reason }} = 'paused' then 'Set status: ACTIVE in the model''s config, then: invoke run --select ' || model
  when {{ reason }} in ('suspended', 'unknown_status') then 'invoke resume ' || coalesce(model, subject)
  when {{ reason }} = 'failed' then 'Correct the data or the model, then: ' || coalesce('invoke run --select ' || model, 'invoke resume '
    || subject)
  when {{ reason }} = 'never_populated' then 'invoke refresh ' || coalesce(model, subject)
end
{%- endmacro %}
