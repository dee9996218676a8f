{#- Stop, with the remedy, where the extension's catalog can't be read. -#}
{% macro pgtrickle__require_catalog() %}
  {%- for obstacle in pgtrickle__rows(pgtrickle__access()) -%}
    {%- do exceptions.raise_compiler_error("Can't check: " ~ obstacle.cause ~ '\n  ' ~ obstacle.remedy) -%}
  {%- endfor -%}
{% endmacro %}
