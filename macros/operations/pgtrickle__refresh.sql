{#- Carry out a refresh plan: each table in a transaction of its own, so that one that fails stops only what reads
    from it. Suspended ones are left and named, and those of other roles: their queries are their code. Fails at the end if one that was
    asked for could not be refreshed. -#}
{% macro pgtrickle__refresh(plan) %}
  {%- set outcomes = {} -%}
  {%- set failures = [] -%}
  {%- set counts = {'refreshed': 0, 'current': 0, 'suspended': 0, 'skipped': 0, 'failed': 0, 'blocked': 0} -%}
  {%- for table in pgtrickle__rows(plan) -%}
    {%- set culprits = table.upstream | select('in', failures) | list -%}
    {%- if table.outcome -%}
      {%- set outcome, cause = table.outcome, table.cause ~ (' -> ' ~ table.remedy if table.remedy else '') -%}
    {%- elif not table.is_ours -%}
      {%- set outcome = 'skipped' if table.asked else 'current' -%}
      {%- set cause = 'it is ' ~ table.owner ~ "'s -> With that role's rights: invoke refresh " ~ table.subject ~ ' --all-owners' -%}
    {%- elif culprits -%}
      {%- set outcome, cause = 'blocked', 'it reads ' ~ culprits | join(', ') ~ ', which could not be refreshed' -%}
    {%- else -%}
      {%- set answer = pgtrickle__try_refresh(table) -%}
      {%- set outcome, cause = answer.outcome, answer.cause -%}
    {%- endif -%}
    {%- do counts.update({outcome: counts[outcome] + 1}) -%}
    {%- if outcome in ['failed', 'skipped', 'blocked'] -%}
      {%- do failures.append(table.subject) -%}
    {%- endif -%}
    {%- do log(pgtrickle__plain(outcome ~ ' ' ~ table.subject ~ (': ' ~ cause if cause else '')), info=true) -%}
    {%- do outcomes.update({table.subject: cause}) -%}
  {%- endfor -%}
  {%- set summary = [] -%}
  {%- for outcome, count in counts.items() if count -%}
    {%- do summary.append(count ~ ' ' ~ outcome) -%}
  {%- endfor -%}
  {%- do log('refresh: ' ~ (summary | join(', ') or 'nothing to do'), info=true) -%}
  {%- if failures -%}
    {%- set lines = [] -%}
    {%- for name in failures -%}
      {%- do lines.append('  ' ~ pgtrickle__plain(name ~ ': ' ~ outcomes[name])) -%}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error('refresh: ' ~ failures | length ~ ' not refreshed\n' ~ lines | join('\n')) -%}
  {%- endif -%}
{% endmacro %}
