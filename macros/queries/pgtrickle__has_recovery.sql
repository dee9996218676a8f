{#- Whether this version can say what is wrong with its capture (it can since about 0.9x). -#}
{% macro pgtrickle__has_recovery() -%}
select to_regprocedure('pgtrickle.validate_recovery()') is not null as has_recovery
{%- endmacro %}
