{#- PL/pgSQL of pgtrickle__compare_queries, once __dbt_pgtrickle_new was made under the scheduler's settings: whether the query means
    something else under this session's search_path (`elsewhere`), or under its TimeZone (`zoned`), which then has the settings as
    [session's, scheduler's] in `result`. Costs nothing where they are the same. -#}
{% macro pgtrickle__compare_sessions(query) %}
    if session_path <> scheduler_path then
      begin
        {{ pgtrickle__view_as('__dbt_pgtrickle_here', query, 'session_path') }}
        if pg_get_viewdef('pg_temp.__dbt_pgtrickle_here'::regclass) <> pg_get_viewdef('pg_temp.__dbt_pgtrickle_new'::regclass) then
          result := result || jsonb_build_object('elsewhere', jsonb_build_array(session_path, scheduler_path));
        end if;
      exception when undefined_table or undefined_column or undefined_function or undefined_object or invalid_schema_name then
        null;  -- only the scheduler finds it, which is the one that has to
      end;
    end if;
    if session_zone <> scheduler_zone then
      perform set_config('timezone', session_zone, true);
      {{ pgtrickle__view_as('__dbt_pgtrickle_now', query, 'scheduler_path') }}
      perform set_config('timezone', 'UTC', true);
      if pg_get_viewdef('pg_temp.__dbt_pgtrickle_now'::regclass) <> pg_get_viewdef('pg_temp.__dbt_pgtrickle_new'::regclass)
        or {{ pgtrickle__hangs_on_zone("'pg_temp.__dbt_pgtrickle_new'::regclass") }}
      then
        result := result || jsonb_build_object('zoned', jsonb_build_array(session_zone, scheduler_zone));
      end if;
      perform set_config('timezone', scheduler_zone, true);
    end if;
{% endmacro %}
