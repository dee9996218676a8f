{#- Warns with a coded message that names the cause and the remedy; the run goes on. -#}
{% macro pgtrickle__warn(code, model_name, problem, remedy) %}
  {% do exceptions.warn('[' ~ code ~ '] ' ~ model_name ~ ': ' ~ problem ~ (' ' ~ remedy if remedy else '')) %}
{% endmacro %}
