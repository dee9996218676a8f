{#- What a verdict means for a model: {code, fails: whether the model can't be built so, problem, remedy}, or none where there is nothing to
    say. -#}
{% macro pgtrickle__verdict_message(model, query, settings, verdict) %}
  {% set mode = settings.wanted.refresh_mode %}
  {% set choice = pgtrickle__option(model, 'on_unsafe') %}
  {% set notes = (verdict.get('notes') or []) | join('; ') %}
  {% set becomes_full = choice == 'full' and mode in ['AUTO', 'DIFFERENTIAL'] %}
  {% if verdict.outcome == 'untried' %}
    {% do return({'code': 'PGT066', 'fails': false,
      'problem': 'it was not tried whether ' ~ verdict.version ~ ' keeps it right: ' ~ notes ~ '.' ~ (' So it is FULL until it is.'
        if becomes_full else ''),
      'remedy': 'Run it again then' ~ (', or keep it incremental all the same: on_unsafe: warn.' if becomes_full
        else '; or say trial: off.')}) %}
  {% elif verdict.outcome == 'unproved' %}
    {% set unfinished = verdict.get('unfinished') %}
    {% do return({'code': 'PGT065', 'fails': false,
      'problem': ('its trial was not over: ' ~ notes if unfinished
        else 'its trial proved nothing: no change that was tried changed its result' ~ (' (' ~ notes ~ ')' if notes else ''))
        ~ '.' ~ (' So it is FULL until it is proven.' if becomes_full else ''),
      'remedy': (('Give it more time: trial_seconds: ' ~ (3 * pgtrickle__option(model, 'trial_seconds')) | round | int) if unfinished
        else 'Try more rows of its sources: trial_rows: 200') ~ (', or keep it incremental all the same: on_unsafe: warn.' if becomes_full
          else '; or compare it now and then: invoke verify ' ~ model.name)}) %}
  {% elif not pgtrickle__is_unsafe(verdict) %}
    {% do return(none) %}
  {% endif %}
  {% set told = pgtrickle__verdict_sentence(verdict) %}
  {% set known = pgtrickle__hint(query, verdict) %}
  {% set rewrite = 'invoke rewrite ' ~ model.name %}
  {% set hint = known ~ ' (' ~ rewrite ~ ' looks for other words).' if known else rewrite ~ ' looks for words that stay incremental.' %}
  {% set full = verdict.get('full') or {} %}
  {% set full_is_safe = full and not pgtrickle__is_unsafe(full) %}
  {# AUTO becomes FULL by itself where the extension refuses the other #}
  {% set taken = verdict.outcome != 'refused' or (mode == 'AUTO' and full.outcome != 'refused') %}
  {% set way_out = ' Or make it a plain table, which dbt run builds: materialized: table.' if not full_is_safe
      else ' Or say refresh_mode: FULL, with a schedule.' if mode == 'IMMEDIATE' else ' Or say on_unsafe: full, which recomputes it.' %}
  {% if choice == 'warn' and taken %}
    {% do return({'code': 'PGT061', 'fails': false, 'problem': told ~ ' It stays ' ~ mode ~ ', as on_unsafe: warn asks.',
        'remedy': hint}) %}
  {% elif choice == 'warn' %}
    {% do return({'code': 'PGT062', 'fails': true, 'problem': told ~ " on_unsafe: warn can't keep what isn't taken.",
        'remedy': hint ~ way_out}) %}
  {% elif choice == 'fail' %}
    {% do return({'code': 'PGT062', 'fails': true, 'problem': told ~ ' on_unsafe says fail.', 'remedy': hint ~ way_out}) %}
  {% elif not full_is_safe %}
    {% do return({'code': 'PGT063', 'fails': true, 'problem': told ~ (' ' ~ pgtrickle__verdict_sentence(full) if full else ''),
        'remedy': hint ~ way_out}) %}
  {% elif mode == 'IMMEDIATE' %}
    {% do return({'code': 'PGT064', 'fails': true, 'problem': told, 'remedy': hint ~ way_out}) %}
  {% endif %}
  {% do return({'code': 'PGT060', 'fails': false,
      'problem': told ~ ' So it is FULL: right, and recomputed at every refresh that has changes.', 'remedy': hint}) %}
{% endmacro %}

{#- A verdict as one sentence: what was seen. -#}
{% macro pgtrickle__verdict_sentence(verdict) %}
  {% set seen = {} %}
  {% for name in ['expected', 'found'] %}
    {% do seen.update({name: tojson(verdict[name][0]) if verdict.get(name) else ''}) %}
  {% endfor %}
  {# its notes limit the proof, which nobody asks for here #}
  {% do return(pgtrickle__verdict_text(dict(verdict, notes=[]), seen) ~ '.') %}
{% endmacro %}
