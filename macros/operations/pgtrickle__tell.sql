{#- Print a check's verdicts; raise an error if one of them is an error. -#}
{% macro pgtrickle__tell(check, verdicts) %}
  {%- set failures = [] -%}
  {%- for row in verdicts -%}
    {%- set told = pgtrickle__plain(row.subject ~ (': ' ~ row.cause if row.cause else '')) -%}
    {%- set remedy = pgtrickle__plain(row.remedy or '') -%}
    {%- do log(row.verdict | upper ~ ' ' ~ told ~ (' -> ' ~ remedy if remedy else ''), info=true) -%}
    {%- if row.verdict == 'error' -%}
      {%- do failures.append('  ' ~ told ~ ('\n    ' ~ remedy if remedy else '')) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if not verdicts -%}
    {%- do log(check ~ ': nothing to check', info=true) -%}
  {%- endif -%}
  {%- if failures -%}
    {%- do exceptions.raise_compiler_error(check ~ ': ' ~ failures | length ~ ' problem(s)\n' ~ failures | join('\n')) -%}
  {%- endif -%}
{% endmacro %}
