{#- What to type about a name that nothing has. -#}
{% macro pgtrickle__names_remedy() -%}
Look at the names: invoke dbt -- ls --select config.materialized:stream_table
{%- endmacro %}
