{#- The statement that runs PL/pgSQL under the scheduler's search_path and TimeZone (pgtrickle__as_scheduler says why) and leaves the
    session's as they were; in it they are session_path and session_zone, scheduler_path and scheduler_zone. -#}
{% macro pgtrickle__do_as_scheduler(body) %}
  {% set block %}
declare
  session_path constant text := current_setting('search_path');
  session_zone constant text := current_setting('timezone');
  scheduler_path constant text := {{ pgtrickle__scheduler_setting('search_path') }};
  scheduler_zone constant text := {{ pgtrickle__scheduler_setting('timezone') }};
begin
  perform set_config('search_path', scheduler_path, true), set_config('timezone', scheduler_zone, true);
{{ body }}
  perform set_config('search_path', session_path, true), set_config('timezone', session_zone, true);
end
  {% endset %}
  {% do return('do ' ~ pgtrickle__dollar_quote(block)) %}
{% endmacro %}
