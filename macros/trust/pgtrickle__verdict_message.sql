{#- What a verdict means for a model: {code, fails: whether the model can't be built so, problem, remedy}, or none where there is nothing to say. -#}
{% macro pgtrickle__verdict_message(model, query, settings, verdict) %}
  {% set mode = settings.wanted.refresh_mode %}
  {% set choice = pgtrickle__option(model, 'on_unsafe') %}
  {% set notes = (verdict.get('notes') or []) | join('; ') %}
  {% if verdict.outcome == 'untried' %}
    {% do return({'code': 'PGT066', 'fails': false, 'problem': 'it was not tried whether ' ~ verdict.version ~ ' keeps it right: ' ~ notes ~ '.',
      'remedy': 'Run it again then; or say trial: off.'}) %}
  {% elif verdict.outcome == 'unproved' %}
    {% do return({'code': 'PGT065', 'fails': false, 'problem': 'its trial proved nothing: no change that was tried changed its result' ~ (' (' ~ notes ~ ')' if notes else '') ~ '.',
      'remedy': 'Try more rows of its sources (trial_rows: 200), or compare it now and then: invoke verify ' ~ model.name}) %}
  {% elif not pgtrickle__is_unsafe(verdict) %}
    {% do return(none) %}
  {% endif %}
  {% set told = pgtrickle__verdict_text(verdict) %}
  {% set hint = pgtrickle__hint_text(model, query) %}
  {% set full = verdict.get('full') or {} %}
  {% if choice == 'warn' %}
    {% do return({'code': 'PGT061', 'fails': false, 'problem': told ~ ' It stays ' ~ mode ~ ', as on_unsafe: warn asks.', 'remedy': hint}) %}
  {% elif choice == 'fail' %}
    {% do return({'code': 'PGT062', 'fails': true, 'problem': told ~ ' on_unsafe says fail.', 'remedy': hint ~ ' Or say on_unsafe: full, which recomputes it.'}) %}
  {% elif mode == 'IMMEDIATE' %}
    {% do return({'code': 'PGT064', 'fails': true, 'problem': told, 'remedy': hint ~ ' Or say refresh_mode: FULL, with a schedule.'}) %}
  {% elif mode == 'FULL' or (full and pgtrickle__is_unsafe(full)) %}
    {% do return({'code': 'PGT063', 'fails': true, 'problem': told ~ (' ' ~ pgtrickle__verdict_text(full) if full else ''),
      'remedy': hint ~ ' Or make it a plain table, which dbt run builds: materialized: table.'}) %}
  {% endif %}
  {% do return({'code': 'PGT060', 'fails': false, 'problem': told ~ ' So it is FULL: right, and recomputed at every refresh that has changes.', 'remedy': hint}) %}
{% endmacro %}

{#- A verdict as one sentence: what was seen. -#}
{% macro pgtrickle__verdict_text(verdict) %}
  {% set what = {
    'wrong': "doesn't keep it right", 'fails': 'fails to refresh it', 'refused': "doesn't take it", 'slow': 'refreshes it too slowly'
  }[verdict.outcome] ~ (' incrementally' if verdict.mode == 'DIFFERENTIAL' else ' in mode ' ~ verdict.mode) %}
  {% set seen = [
    ('after ' ~ verdict.change) if verdict.get('change') else '',
    verdict.error.message.rstrip('.') if verdict.get('error') else '',
    ('expected ' ~ tojson(verdict.expected[0])) if verdict.get('expected') else '',
    ('found ' ~ tojson(verdict.found[0])) if verdict.get('found') else '',
  ] | select | list %}
  {% do return(verdict.version ~ ' ' ~ what ~ (': ' ~ seen | join(', ') if seen else '') ~ '.') %}
{% endmacro %}

{#- What of a query is known for such a verdict, and what to write instead. -#}
{% macro pgtrickle__hint_text(model, query) %}
  {% set code = pgtrickle__normalize_query(query) %}
  {% for hint in fromjson(pgtrickle__hints()) %}
    {% if modules.re.search(hint.pattern, code) %}
      {% do return('Known for it: ' ~ hint.part ~ '. ' ~ hint.instead ~ '; invoke rewrite ' ~ model.name ~ ' looks for such words.') %}
    {% endif %}
  {% endfor %}
{% endmacro %}
