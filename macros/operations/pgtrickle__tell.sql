{#- Print a check's verdicts; raise an error if one of them is an error. -#}
{% macro pgtrickle__tell(check, verdicts) %}
  {%- set failures = [] -%}
  {%- for row in verdicts -%}
    {%- do log(
      row.verdict | upper ~ ' ' ~ row.subject ~ (': ' ~ row.cause if row.cause else '')
      ~ (' -> ' ~ row.remedy if row.remedy else ''), info=true) -%}
    {%- if row.verdict == 'error' -%}
      {%- do failures.append('  ' ~ row.subject ~ ': ' ~ row.cause ~ ('\n    ' ~ row.remedy if row.remedy else '')) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if not verdicts -%}
    {%- do log(check ~ ': nothing to check', info=true) -%}
  {%- endif -%}
  {%- if failures -%}
    {%- do exceptions.raise_compiler_error(check ~ ': ' ~ failures | length ~ ' problem(s)\n' ~ failures | join('\n')) -%}
  {%- endif -%}
{% endmacro %}
