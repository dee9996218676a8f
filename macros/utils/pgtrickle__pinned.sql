{#- The statement that runs PL/pgSQL of ours under a search_path in which nobody else's names are found first: by dbt's own path, whoever
    may make a schema called like this role has his functions run with its rights (starts_with(name, text) fits better than
    pg_catalog's). The path is as it was afterwards; in between pgtrickle__session_path gives it. Everything that macros send goes
    through here or through pgtrickle__query_json, but for what is the user's own: models, views, hooks. -#}
{% macro pgtrickle__pinned(body) %}
  {% set block %}
declare
  former_path constant text := pg_catalog.current_setting('search_path');
begin
  perform {{ pgtrickle__pin() }};
{{ body }}
  perform pg_catalog.set_config('search_path', former_path, true);
end
  {% endset %}
  {% do return('do ' ~ pgtrickle__dollar_quote(block)) %}
{% endmacro %}

{#- SQL expressions that pin the path, and remember the user's. local: SQL, whether for this transaction only. -#}
{% macro pgtrickle__pin(local='true') -%}
pg_catalog.set_config('dbt_pgtrickle.search_path', case
  when pg_catalog.current_setting('search_path') <> 'pg_catalog, pg_temp' then pg_catalog.current_setting('search_path')
  else pg_catalog.current_setting('dbt_pgtrickle.search_path', true) end, {{ local }}),
pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', {{ local }})
{%- endmacro %}

{#- SQL expression that puts the user's path back. -#}
{% macro pgtrickle__unpin(local='true') -%}
pg_catalog.set_config('search_path', {{ pgtrickle__session_path() }}, {{ local }})
{%- endmacro %}
