{#- PL/pgSQL for an exception handler: raises the caught error again with the way out. -#}
{% macro pgtrickle__cannot_keep_up(mode) %}
    raise exception using errcode = sqlstate,
      message = 'pg_trickle can''t keep this query in {{ mode }} mode: ' || sqlerrm,
      hint = {% if mode == 'FULL' -%}
        'Rewrite the query, or make the model a table: materialized: table.'
      {%- else -%}
        'Set refresh_mode: FULL (or AUTO, which falls back by itself) on the model, or rewrite the query.'
      {%- endif %};
{% endmacro %}
