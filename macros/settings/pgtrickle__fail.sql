{#- Stops with a coded message that names the cause and the remedy.
    code: PGT and three digits; model: its name; problem, remedy: one sentence each. -#}
{% macro pgtrickle__fail(code, model_name, problem, remedy) %}
  {% do exceptions.raise_compiler_error('[' ~ code ~ '] ' ~ model_name ~ ': ' ~ problem ~ '\n  ' ~ remedy) %}
{% endmacro %}
