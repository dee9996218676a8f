{#- SQL, two CTEs to begin with: tokens, those of a query with `word` in lower case, and main, a row about its outermost SELECT: (scope,
    selects and froms: where its list begins and ends). query: SQL. Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__main_select(query) -%}
tokens as materialized (
    select t.*, lower(token) as word from pg_temp.dbt_pgtrickle_tokens({{ query }}) as t
  ),
  main as (
    select scope, place as selects, (select min(place) from tokens where clause = 'from' and depth = 0 and scope = s.scope) as froms
    from tokens as s where depth = 0 and word = 'select' order by place limit 1
  )
{%- endmacro %}
