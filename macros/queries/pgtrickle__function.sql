{#- A row where the installed pg_trickle has a function of this name. -#}
{% macro pgtrickle__function(name) -%}
select distinct proname::text as name from pg_catalog.pg_proc where pronamespace = to_regnamespace('pgtrickle') and proname = {{ name }}
{%- endmacro %}
