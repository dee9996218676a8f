{#- A query as one CTE, joined with nothing: the rows of FULL get their numbers from its columns then, not from what it is made of. So
    0.67.0 fills what it otherwise can't: EXCEPT, INTERSECT ("more expressions than target columns"), groups by two columns of one name,
    scalar subqueries, unnest (23505). Of a query over tables: of one over views it may lose their schemas, and fails at a refresh then. -#}
{% macro pgtrickle__whole(query) %}
  {% do return('with dbt_pgtrickle_whole as (\n' ~ query
      ~ '\n)\nselect dbt_pgtrickle_whole.* from dbt_pgtrickle_whole left join (select 1 as one) as nothing on false') %}
{% endmacro %}

{#- Whether a query is one of pgtrickle__whole. -#}
{% macro pgtrickle__is_whole(query) %}
  {% do return('dbt_pgtrickle_whole' in query) %}
{% endmacro %}
