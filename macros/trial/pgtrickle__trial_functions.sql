{#- All functions of a trial, as one script. Pure, for dbt and the tasks alike. -#}
{% macro pgtrickle__trial_functions() -%}
{{ pgtrickle__rename_function() }}
{{ pgtrickle__as_caller_functions() }}
{{ pgtrickle__proven_key_function() }}
{{ pgtrickle__trial_sources_function() }}
{{ pgtrickle__trial_copy_function() }}
{{ pgtrickle__trial_values_functions() }}
{{ pgtrickle__trial_fill_function() }}
{{ pgtrickle__trial_rounds_function() }}
{{ pgtrickle__trial_function() }}
{%- endmacro %}
