{#- PL/pgSQL that creates a stream table. Where the extension refuses it: AUTO becomes FULL and the reason goes to dbt_pgtrickle.fallback; FULL gets
    the query whole (pgtrickle__whole); any other mode fails with the reason and the way out. -#}
{% macro pgtrickle__create_block(name, query, settings, functions, suspended) %}
  {% set mode = settings.wanted.refresh_mode %}
  {% set may_fall_back = settings.get('asked', mode) == 'AUTO' and mode != 'FULL' %}
  {% set paused = suspended or settings.wanted.status == 'PAUSED' %}
  begin
    {% for call in pgtrickle__create_calls(name, query, settings, functions, suspended=suspended) %}
    perform {{ call }};
    {% endfor %}
    {{ pgtrickle__recapture(name, query, functions, settings.wanted.initialize and not paused) }}
    {{ pgtrickle__freed_source(name, functions) }}
  exception when others then
    if sqlstate in ('42501', '42P07') or not (sqlstate like '42%' or sqlstate like '0A%' or sqlstate in ('23505', '23514', 'XX000')) then raise; end if;
    {% if may_fall_back %}
    perform set_config('dbt_pgtrickle.fallback', sqlerrm, false);
    {% for call in pgtrickle__create_calls(name, query, settings, functions, 'FULL', suspended) %}
    perform {{ call }};
    {% endfor %}
    {{ pgtrickle__recapture(name, query, functions, settings.wanted.initialize and not paused) }}
    {{ pgtrickle__freed_source(name, functions) }}
    {% elif mode == 'FULL' %}
    begin
      {% for call in pgtrickle__create_calls(name, pgtrickle__whole(query), settings, functions, suspended=suspended) %}
      perform {{ call }};
      {% endfor %}
      {{ pgtrickle__recapture(name, pgtrickle__whole(query), functions, settings.wanted.initialize and not paused) }}
      {{ pgtrickle__freed_source(name, functions) }}
    exception when others then
      {{ pgtrickle__cannot_keep_up(mode) }}
    end;
    {% else %}
    {{ pgtrickle__cannot_keep_up(mode) }}
    {% endif %}
  end;
{% endmacro %}
