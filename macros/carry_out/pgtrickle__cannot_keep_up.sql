{#- PL/pgSQL for an exception handler: raises the caught error again with the way out. -#}
{% macro pgtrickle__cannot_keep_up(mode) %}
    raise exception using errcode = sqlstate,
      message = 'pg_trickle can''t keep this query in {{ mode }} mode: ' || sqlerrm,
      hint = {% if mode == 'FULL' -%}
        'Rewrite the query, or make the model a table: materialized: table.'
      {%- else -%}
        case when sqlstate = '23505' then 'Select the columns in the order of their table, its key among them; or set'
          else 'Rewrite the query, or set' end
          || ' refresh_mode: FULL (or AUTO, which falls back by itself) on the model.'
      {%- endif %};
{% endmacro %}
