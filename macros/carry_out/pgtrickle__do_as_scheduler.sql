{#- The statement that runs PL/pgSQL of ours, in which pgtrickle__as_theirs calls the extension, under the scheduler's TimeZone
    (pgtrickle__as_scheduler says why), and leaves the session's settings as they were. -#}
{% macro pgtrickle__do_as_scheduler(body) %}
  {% set scheduled %}
  declare
    session_zone constant text := current_setting('timezone');
  begin
    {{ pgtrickle__note_scheduler() | replace('select', 'perform', 1) }};
    perform {{ pgtrickle__as_scheduler() }};
{{ body }}
    perform set_config('timezone', session_zone, true);
  end;
  {% endset %}
  {% do return(pgtrickle__pinned(scheduled)) %}
{% endmacro %}
