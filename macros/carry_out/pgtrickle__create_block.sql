{#- PL/pgSQL that creates a stream table. Where the extension refuses it: what may be FULL becomes so, and the reason goes to
    the variable `fallback`; any other mode fails with the reason and the way out. -#}
{% macro pgtrickle__create_block(name, query, settings, functions, suspended) %}
  {% set mode = settings.wanted.refresh_mode %}
  begin
    {{ pgtrickle__creation_filled(name, query, settings, functions, mode, suspended) }}
  exception when others then
    if sqlstate in ('42501', '42P07') or not (sqlstate like '42%' or sqlstate like '0A%' or sqlstate in ('23505', '23514', 'XX000'))
      then raise; end if;
    {% if mode == 'FULL' %}
    {{ pgtrickle__creation_whole(name, query, settings, functions, suspended) }}
    {% elif pgtrickle__may_be_full(settings) %}
    fallback := sqlerrm;
    begin
      {{ pgtrickle__creation_filled(name, query, settings, functions, 'FULL', suspended) }}
    exception when others then
      {{ pgtrickle__creation_whole(name, query, settings, functions, suspended) }}
    end;
    {% else %}
    {{ pgtrickle__cannot_keep_up(mode) }}
    {% endif %}
  end;
{% endmacro %}

{#- Whether a stream table that the extension refuses incrementally becomes FULL: AUTO says so, and so does on_unsafe: full of what the
    trial found right, on copies, where row ids of stream tables aren't. settings: from pgtrickle__in_effect. -#}
{% macro pgtrickle__may_be_full(settings) %}
  {% do return(settings.get('may_be_full', settings.wanted.refresh_mode == 'AUTO')) %}
{% endmacro %}

{#- PL/pgSQL that creates it in FULL, its query whole (pgtrickle__whole). -#}
{% macro pgtrickle__creation_whole(name, query, settings, functions, suspended) %}
    begin
      {{ pgtrickle__creation(name, pgtrickle__whole(query), settings, functions, 'FULL', suspended) }}
    exception when others then
      {{ pgtrickle__cannot_keep_up('FULL') }}
    end;
{% endmacro %}

{#- PL/pgSQL that creates it in a mode; where equal rows are in the way, empty, to fill it once it takes those (pgtrickle__equal_rows). -#}
{% macro pgtrickle__creation_filled(name, query, settings, functions, mode, suspended) %}
    begin
      {{ pgtrickle__creation(name, query, settings, functions, mode, suspended) }}
    exception when unique_violation then
  {% if pgtrickle__is_to_be_filled(settings, suspended) and mode != 'IMMEDIATE' %}
      {{ pgtrickle__creation(name, query, dict(settings, wanted=dict(settings.wanted, initialize=false),
          given=settings.given + ['initialize']), functions, mode) }}
      {{ pgtrickle__equal_rows(pgtrickle__literal(name)) }}
      perform {{ pgtrickle__call('refresh_stream_table', functions.refresh_stream_table, {'name': name}) }};
  {% else %}
      raise;
  {% endif %}
    end;
{% endmacro %}

{#- PL/pgSQL that creates it in a mode, and does what the extension leaves to be done then. -#}
{% macro pgtrickle__creation(name, query, settings, functions, mode, suspended) %}
    {% for call in pgtrickle__create_calls(name, query, settings, functions, mode, suspended) %}
    perform {{ call }};
    {% endfor %}
    {{ pgtrickle__recapture(name, query, functions, pgtrickle__is_to_be_filled(settings, suspended)) }}
    {{ pgtrickle__freed_source(name, functions) }}
    {{ pgtrickle__capture_partitions(name) }}
    {{ pgtrickle__capture_always(name) }}
{% endmacro %}

{#- Whether it has rows once it is created. -#}
{% macro pgtrickle__is_to_be_filled(settings, suspended) %}
  {% do return(settings.wanted.initialize and not suspended and settings.wanted.status != 'PAUSED') %}
{% endmacro %}
