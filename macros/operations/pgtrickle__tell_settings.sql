{#- Warns, once a run, of a server's setting with which right queries are kept wrong (PGT067). Below 0.108 (as far as is known) a refresh
    that recomputes everything because many rows changed sees more than it notes down, where others write meanwhile, and the
    next one counts that again: 2 of 10 runs of two writers on 0.67.0, none of 21 without such refreshes. -#}
{% macro pgtrickle__tell_settings() %}
  {% set remedy = pgtrickle__query_json("
    select coalesce((
      select to_json(format('alter database %I set pg_trickle.refresh_strategy = %L', current_database(), 'differential'))
      where current_setting('pg_trickle.refresh_strategy', true) = 'auto'
        and exists (select from pgtrickle.pgt_stream_tables where refresh_mode = 'DIFFERENTIAL')
        and not exists (select from pg_extension
          where extname = 'pg_trickle' and string_to_array(substring(extversion from '^[0-9.]*[0-9]'), '.')::int[] >= '{0,108}')
    ), 'null')::text") %}
  {% if remedy %}
    {% do exceptions.warn('[PGT067] pg_trickle.refresh_strategy is auto: where others write during a refresh '
      ~ 'that recomputes everything, groups count these rows twice, without a sign. '
      ~ 'Say, as a superuser: ' ~ remedy) %}
  {% endif %}
{% endmacro %}
