{#- Warns with a coded message that names the cause and the remedy; the run goes on. Who was warned is kept in dbt's own `graph`. -#}
{% macro pgtrickle__warn(code, model_name, problem, remedy) %}
  {% if not pgtrickle__is_v2() %}{% do graph.setdefault('pgtrickle_warned', {}).update({model_name: true}) %}{% endif %}
  {% do exceptions.warn('[' ~ code ~ '] ' ~ model_name ~ ': ' ~ problem ~ (' ' ~ remedy if remedy else '')) %}
{% endmacro %}
