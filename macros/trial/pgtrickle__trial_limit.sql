{#- After how many seconds a trial's statement is ended, refreshes that don't end by themselves included. seconds: the trial's own.
    Pure, for dbt and the tasks alike. -#}
{% macro pgtrickle__trial_limit(seconds) -%}
{{ seconds * 22 + 2 }}
{%- endmacro %}
