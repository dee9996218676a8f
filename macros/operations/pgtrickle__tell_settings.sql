{#- Warns, once a run, of a server's settings with which right queries are kept wrong (PGT067). Below 0.108 (as far as is known) a refresh
    that recomputes everything because many rows changed sees more than it notes down, where others write meanwhile, and the
    next one counts that again: 2 of 10 runs of two writers on 0.67.0, none of 21 without such refreshes. And refreshes side by side of
    stream tables on one table lose what is written meanwhile: in 5 of 11 runs of three writers and eight of them on 0.67.0, in none of 8
    one after the other. -#}
{% macro pgtrickle__tell_settings() %}
  {% set wrong = pgtrickle__query_json("
    select json_build_object(
      'recomputes', current_setting('pg_trickle.refresh_strategy', true) = 'auto' and not exists (
        select from pg_extension
        where extname = 'pg_trickle' and string_to_array(substring(extversion from '^[0-9.]*[0-9]'), '.')::int[] >= '{0,108}'),
      'side_by_side', current_setting('pg_trickle.parallel_refresh_mode', true) = 'on',
      'database', quote_ident(current_database()))::text
    where exists (select from pgtrickle.pgt_stream_tables where refresh_mode = 'DIFFERENTIAL')
    union all select '{}' limit 1") %}
  {% if wrong.recomputes %}
    {% do exceptions.warn('[PGT067] pg_trickle.refresh_strategy is auto: where others write during a refresh '
      ~ 'that recomputes everything, groups count these rows twice, without a sign. '
      ~ 'Say, as a superuser: alter database ' ~ wrong.database ~ " set pg_trickle.refresh_strategy = 'differential'") %}
  {% endif %}
  {% if wrong.side_by_side %}
    {% do exceptions.warn('[PGT067] pg_trickle.parallel_refresh_mode is on: where others write to a table that several stream tables '
      ~ 'read, refreshes side by side lose rows, without a sign. Say, as a superuser, one after the other: '
      ~ "alter system set pg_trickle.parallel_refresh_mode = 'off'; select pg_reload_conf()") %}
  {% endif %}
{% endmacro %}
