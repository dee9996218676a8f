{#- Says what a new verdict means, once, or fails where the model can't be kept right. -#}
{% macro pgtrickle__tell_verdict(model, query, settings, verdict) %}
  {% set mode = settings.wanted.refresh_mode %}
  {% set choice = pgtrickle__option(model, 'on_unsafe') %}
  {% set told = pgtrickle__verdict_text(verdict) %}
  {% set hint = pgtrickle__hint_text(query, verdict) %}
  {% set full = verdict.get('full') or {} %}
  {% if verdict.outcome == 'untried' %}
    {% do pgtrickle__warn('PGT066', model.name, 'it was not tried whether ' ~ verdict.version ~ ' keeps it right: ' ~ verdict.notes | join('; ') ~ '.', 'Then run it again; or say trial: off.') %}
  {% elif verdict.outcome == 'unproved' %}
    {% do pgtrickle__warn('PGT065', model.name, 'its trial proved nothing: no change that was tried changed its result' ~ (' (' ~ verdict.notes | join('; ') ~ ')' if verdict.notes else '') ~ '.',
        'Try again with more rows of its sources: trial_rows: 200; or compare now and then: invoke verify ' ~ model.name) %}
  {% elif not pgtrickle__is_unsafe(verdict) %}
  {% elif choice == 'warn' %}
    {% do pgtrickle__warn('PGT061', model.name, told ~ ' It stays ' ~ mode ~ ', as on_unsafe: warn asks.', hint) %}
  {% elif choice == 'fail' %}
    {% do pgtrickle__fail('PGT062', model.name, told ~ ' on_unsafe says fail.', hint ~ ' Or say on_unsafe: full, which recomputes it.') %}
  {% elif mode == 'FULL' or pgtrickle__is_unsafe(full) %}
    {% do pgtrickle__fail('PGT063', model.name, told ~ (' ' ~ pgtrickle__verdict_text(full) if full else ''), hint ~ " Or make it a plain table, which dbt run builds: materialized: table.") %}
  {% elif mode == 'IMMEDIATE' %}
    {% do pgtrickle__fail('PGT064', model.name, told, hint ~ ' Or say refresh_mode: FULL with a schedule.') %}
  {% else %}
    {% do pgtrickle__warn('PGT060', model.name, told ~ ' So it is FULL: right, and recomputed at every refresh that has changes.', hint) %}
  {% endif %}
{% endmacro %}

{#- A verdict as one sentence: what was seen. -#}
{% macro pgtrickle__verdict_text(verdict) %}
  {% set what = {
    'wrong': "doesn't keep it right", 'fails': 'fails to refresh it', 'refused': "doesn't take it", 'slow': 'refreshes it too slowly'
  }[verdict.outcome] ~ (' incrementally' if verdict.mode == 'DIFFERENTIAL' else ' in mode ' ~ verdict.mode) %}
  {% set seen = [
    ('after ' ~ verdict.change) if verdict.get('change') else '',
    verdict.error.message if verdict.get('error') else '',
    ('expected ' ~ tojson(verdict.expected[0])) if verdict.get('expected') else '',
    ('found ' ~ tojson(verdict.found[0])) if verdict.get('found') else '',
  ] | select | list %}
  {% do return(verdict.version ~ ' ' ~ what ~ (': ' ~ seen | join(', ') if seen else '') ~ '.') %}
{% endmacro %}

{#- What of a query is known for such a verdict, and what to write instead. -#}
{% macro pgtrickle__hint_text(query, verdict) %}
  {% set code = pgtrickle__normalize_query(query) %}
  {% for hint in fromjson(pgtrickle__hints()) if modules.re.search(hint.pattern, code) %}
    {% do return('Known for it: ' ~ hint.part ~ '. ' ~ hint.instead ~ ' (invoke rewrite ' ~ 'looks for other words).') %}
  {% endfor %}
  {% do return('invoke rewrite looks for words that stay incremental.') %}
{% endmacro %}
