{#- A query as one CTE and an arm of no rows: the rows of FULL are numbered then, not told apart by what they are made of. So 0.67.0 fills what
    it otherwise can't: EXCEPT, INTERSECT ("more expressions than target columns"), groups by two columns of one name, scalar subqueries, unnest (23505). -#}
{% macro pgtrickle__whole(query) %}
  {% set all_of_it = 'select * from dbt_pgtrickle_whole' %}
  {% do return('with dbt_pgtrickle_whole as (\n' ~ query ~ '\n)\n' ~ all_of_it ~ '\nunion all\n' ~ all_of_it ~ ' where false') %}
{% endmacro %}

{#- Whether a query is one of pgtrickle__whole. -#}
{% macro pgtrickle__is_whole(query) %}
  {% do return('dbt_pgtrickle_whole' in query) %}
{% endmacro %}
