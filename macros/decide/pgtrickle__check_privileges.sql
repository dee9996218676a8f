{#- The refusal where this role lacks a right that the work needs, before anything is sent; else none. The real extension
    (0.67.0) aborts the whole server when a role without rights on its catalog creates a stream table.
    sources: what the query reads, from pgtrickle__compare_queries, or none; mode: the refresh mode that it is to have. -#}
{% macro pgtrickle__check_privileges(relation, state, sources, mode) %}
  {% set role = '"' ~ state.role ~ '"' %}
  {% set grants, functions = [], state.functions %}
  {% for function_name in ['create_stream_table', 'alter_stream_table', 'drop_stream_table', 'refresh_stream_table']
      if not functions.get(function_name, {}).get('may_execute') %}
    {% do grants.append('grant execute on function pgtrickle.' ~ function_name ~ ' to ' ~ role) %}
  {% endfor %}
  {% if not functions.get('create_stream_table', {}).get('security_definer') %}
    {% if state.lacking %}
      {% do grants.append('grant select on all tables in schema pgtrickle to ' ~ role) %}
      {% do grants.append('grant ' ~ pgtrickle__query_json('select to_json(' ~ pgtrickle__write_grant() ~ ')::text') ~ ' to ' ~ role) %}
      {% do grants.append('grant usage on all sequences in schema pgtrickle to ' ~ role) %}
    {% endif %}
    {% if mode == 'IMMEDIATE' and not state.may_maintain %}
      {% do grants.append('grant create on schema pgtrickle to ' ~ role) %}
    {% endif %}
    {% if not state.may_capture %}
      {% do grants.append('grant usage, create on schema ' ~ state.buffers_schema ~ ' to ' ~ role) %}
    {% endif %}
  {% endif %}
  {% if not state.may_create %}
    {% do grants.append('grant usage, create on schema ' ~ adapter.quote(relation.schema) ~ ' to ' ~ role) %}
  {% endif %}
  {% for source in sources or [] %}
    {% if not source.may_select or (not source.may_trigger and source.kind in ['r', 'p']) %}
      {% do grants.append('grant select, trigger on ' ~ adapter.quote(source.schema) ~ '.' ~ adapter.quote(source.name) ~ ' to ' ~ role) %}
    {% endif %}
    {% if not functions.get('create_stream_table', {}).get('security_definer') %}
      {% for right in source.capture_rights %}{% do grants.append(right ~ role) %}{% endfor %}
    {% endif %}
  {% endfor %}
  {% if grants %}
    {% do return(pgtrickle__finding('PGT013', 'the role ' ~ state.role ~ ' lacks rights that a stream table needs.',
        'Have a superuser run: ' ~ grants | unique | join('; ') ~ ';'
        ~ (' ' ~ pgtrickle__write_warning() if state.lacking else ''))) %}
  {% elif state.relation and not state.owned %}
    {% do return(pgtrickle__finding('PGT014', relation ~ ' belongs to another role than ' ~ state.role ~ '.',
        'Run dbt as its owner, or have it run: alter table ' ~ relation ~ ' owner to ' ~ role ~ ';')) %}
  {% endif %}
  {% do return(none) %}
{% endmacro %}
