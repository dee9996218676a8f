{#- What an obstacle means, in words. reason: SQL, what pgtrickle__obstacle gave for the same row. -#}
{% macro pgtrickle__obstacle_cause(reason='reason') -%}
case {{ reason }}
  when 'not_in_database' then 'a model of this project that is not in the database'
  when 'not_a_stream_table' then 'a relation of this name exists, but is no stream table'
  when 'storage_gone' then 'pg_trickle''s entry points at no table of its own: a restored database, or a table dropped behind its back'
  when 'renamed' then 'its table was renamed, which pg_trickle doesn''t follow: it takes ' || call_name || ' for it'
  when 'fuse_blown' then 'suspended by its fuse' || case when blow_reason <> '' then ': ' || blow_reason else '' end
  when 'paused' then 'paused by its model'
  when 'suspended' then 'suspended'
    || case when coalesce(nullif(refresh_reason, ''), error_message) is not null
        then ': ' || coalesce(nullif(refresh_reason, ''), error_message) else ', and not by its model' end
  when 'source_dropped' then 'something that it reads was dropped or replaced'
  when 'source_renamed' then 'a table that it reads was renamed, or its schema: its query now names another, or none (' || strayed_names
    || ')'
  when 'failed' then 'its refresh fails: ' || coalesce(error_message, 'the extension gives no reason')
  when 'never_populated' then 'never populated'
  when 'unknown_status' then 'its status is ' || coalesce(status, 'not set')
end
{%- endmacro %}
