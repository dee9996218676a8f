{#- pgtrickle__note_scheduler for the statements of pgtrickle__query_json that follow: dbt v2 has no transaction around them. -#}
{% macro pgtrickle__note() %}
  {% do return(pgtrickle__note_scheduler(pgtrickle__literal(not pgtrickle__is_v2()) | trim)) %}
{% endmacro %}
