{#- Counts up when trials, spellings or decisions change (macros/trial, flatten, trust, decide, carry_out), so that with new macros nothing
    is taken for tried or unchanged that older ones left: what was FULL for want of words gets them. -#}
{% macro pgtrickle__generation() %}
  {% do return(12) %}
{% endmacro %}
