{#- Tries a model's query on the installed engine, in the mode that its settings ask for, and in FULL where that isn't right and FULL may
    take its place. Nothing of it stays in the database; no lock is held. Gives the verdict to remember: that of
    macros/trial/pgtrickle__trial_function.sql with `key` (pgtrickle__trial_key) and `full`, the verdict on FULL. -#}
{% macro pgtrickle__try(model, query, settings, state) %}
  {% set asked = settings.wanted.refresh_mode %}
  {% set verdict = pgtrickle__run_trial(model, query, 'DIFFERENTIAL' if asked == 'AUTO' else asked, settings) %}
  {% if pgtrickle__is_unsafe(verdict) and asked in ['AUTO', 'DIFFERENTIAL'] and pgtrickle__option(model, 'on_unsafe') == 'full' %}
    {% do verdict.update({'full': pgtrickle__run_trial(model, query, 'FULL', settings)}) %}
  {% endif %}
  {% do return(dict(verdict, key=pgtrickle__trial_key(model, query, settings, state))) %}
{% endmacro %}

{#- One trial in one mode. Its statement ends by itself soon after the trial's seconds. -#}
{% macro pgtrickle__run_trial(model, query, mode, settings) %}
  {% set seconds = pgtrickle__option(model, 'trial_seconds') %}
  {% set options = {'seconds': [seconds, 1] | min if mode == 'FULL' else seconds, 'rows': pgtrickle__option(model, 'trial_rows'), 'create': pgtrickle__trial_arguments(settings)} %}
  {% set before = pgtrickle__query_json("select to_json(current_setting('statement_timeout'))::text") %}
  {% set verdict = pgtrickle__query_json(
      'set local statement_timeout = ' ~ (seconds * 1500 + 2000) | int ~ ';\n' ~ pgtrickle__trial_functions() ~ '\nselect pg_temp.dbt_pgtrickle_trial('
      ~ pgtrickle__literal(query) ~ ', ' ~ pgtrickle__literal(mode) ~ ', ' ~ pgtrickle__literal(tojson(options))
      ~ "::jsonb || jsonb_build_object('search_path', current_setting('search_path')))::text") %}
  {% call statement('pgtrickle_timeout') %}select set_config('statement_timeout', {{ pgtrickle__literal(before) }}, true){% endcall %}
  {% do return(verdict) %}
{% endmacro %}
