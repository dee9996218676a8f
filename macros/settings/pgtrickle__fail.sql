{#- Stops with a coded message that names the cause and the remedy.
    code: PGT and three digits; model: its name; problem, remedy: one sentence each; slips: a list that takes it instead. -#}
{% macro pgtrickle__fail(code, model_name, problem, remedy, slips=none) %}
  {% if slips is not none %}
    {% do slips.append(pgtrickle__finding(code, problem, remedy)) %}
    {% do return(none) %}
  {% endif %}
  {% do exceptions.raise_compiler_error('[' ~ code ~ '] ' ~ model_name ~ ': ' ~ problem ~ '\n  ' ~ remedy) %}
{% endmacro %}
