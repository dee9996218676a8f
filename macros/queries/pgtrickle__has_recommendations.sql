{#- Whether the extension has an opinion to give. -#}
{% macro pgtrickle__has_recommendations() -%}
select to_regprocedure('pgtrickle.recommend_refresh_mode(text)') is not null as has_recommendations
{%- endmacro %}
