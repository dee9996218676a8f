{#- PL/pgSQL that creates a stream table. Where the extension refuses it: AUTO becomes FULL and the reason goes to dbt_pgtrickle.fallback;
    FULL gets the query whole (pgtrickle__whole); any other mode fails with the reason and the way out. -#}
{% macro pgtrickle__create_block(name, query, settings, functions, suspended) %}
  {% set mode = settings.wanted.refresh_mode %}
  {% set may_fall_back = settings.get('asked', mode) == 'AUTO' and mode != 'FULL' %}
  begin
    {{ pgtrickle__creation(name, query, settings, functions, mode, suspended) }}
  exception when others then
    if sqlstate in ('42501', '42P07') or not (sqlstate like '42%' or sqlstate like '0A%' or sqlstate in ('23505', '23514', 'XX000'))
      then raise; end if;
    {% if may_fall_back %}
    perform set_config('dbt_pgtrickle.fallback', sqlerrm, false);
    {{ pgtrickle__creation(name, query, settings, functions, 'FULL', suspended) }}
    {% elif mode == 'FULL' %}
    begin
      {{ pgtrickle__creation(name, pgtrickle__whole(query), settings, functions, mode, suspended) }}
    exception when others then
      {{ pgtrickle__cannot_keep_up(mode) }}
    end;
    {% else %}
    {{ pgtrickle__cannot_keep_up(mode) }}
    {% endif %}
  end;
{% endmacro %}

{#- PL/pgSQL that creates it in a mode, and does what the extension leaves to be done then. -#}
{% macro pgtrickle__creation(name, query, settings, functions, mode, suspended) %}
  {% set filled = settings.wanted.initialize and not suspended and settings.wanted.status != 'PAUSED' %}
    {% for call in pgtrickle__create_calls(name, query, settings, functions, mode, suspended) %}
    perform {{ call }};
    {% endfor %}
    {{ pgtrickle__recapture(name, query, functions, filled) }}
    {{ pgtrickle__freed_source(name, functions) }}
{% endmacro %}
