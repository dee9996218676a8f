{#- Warns with a coded message that names the cause and the remedy; the run goes on. Who was warned is kept in dbt's own `graph`. -#}
{% macro pgtrickle__warn(code, model_name, problem, remedy) %}
  {% do graph.setdefault('pgtrickle_warned', {}).update({model_name: true}) %}
  {% do exceptions.warn('[' ~ code ~ '] ' ~ model_name ~ ': ' ~ problem ~ (' ' ~ remedy if remedy else '')) %}
{% endmacro %}
