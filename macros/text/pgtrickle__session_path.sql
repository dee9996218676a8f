{#- SQL expression: the search_path that is the user's own, under which his queries are read, while ours is pinned
    (pgtrickle__pinned). Pure, for dbt and the tasks alike. -#}
{% macro pgtrickle__session_path() -%}
coalesce(nullif(pg_catalog.current_setting('dbt_pgtrickle.search_path', true), ''), pg_catalog.current_setting('search_path'))
{%- endmacro %}
