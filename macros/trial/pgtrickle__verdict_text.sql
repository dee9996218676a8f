{#- A verdict in words: what was tried, and what was seen. verdict: what a trial answered. seen: its first expected and its first found row
    as JSON, where it has one: {expected, found}. -#}
{% macro pgtrickle__verdict_text(verdict, seen) -%}
  {%- set what = {
    'right': 'keeps it right', 'wrong': "doesn't keep it right", 'fails': 'fails to refresh it', 'refused': "doesn't take it",
    'slow': 'refreshes it too slowly', 'unproved': 'was not proved to keep it right', 'untried': 'was not tried'
  }[verdict.outcome] -%}
  {%- set parts = [
    'after ' ~ verdict.change if verdict.change else '',
    verdict.error.message.rstrip('.') if verdict.error else '',
    'expected ' ~ seen.expected if seen.expected else '',
    'found ' ~ seen.found if seen.found else '',
  ] | select | join(', ') -%}
  {%- set nothing = 'no change that was tried changed its result' if verdict.outcome == 'unproved' and not verdict.unfinished else '' -%}
  {%- set told = ([parts, nothing] + (verdict.notes or [])) | select | join('; ') -%}
  {%- set how = 'incrementally' if verdict.mode == 'DIFFERENTIAL' else 'in mode ' ~ verdict.mode -%}
  {{- verdict.version or 'the extension' }} {{ what }} {{ how }}
  {{- ' while another stream table reads it' if verdict.read and verdict.outcome == 'fails' }}{{ ': ' ~ told if told }}
{%- endmacro %}
