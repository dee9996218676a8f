{#- SQL, jsonb: a row of pgt_stream_tables, with call_name: the name that pg_trickle's functions know it by, stored_query: its query as they
    have it, and its last_error_message as people read it. -#}
{% macro pgtrickle__entry_row(entry) -%}
to_jsonb({{ entry }}) || jsonb_build_object(
  'call_name', {{ entry }}.pgt_schema || '.' || {{ entry }}.pgt_name,
  'stored_query', coalesce(to_jsonb({{ entry }}) ->> 'original_query', {{ entry }}.defining_query),
  'last_error_message', {{ pgtrickle__error_message(entry ~ '.last_error_message') }})
{%- endmacro %}
