{#- Tries a model's query on the installed engine, in the mode that its settings ask for, and in FULL where that isn't right: it may
    take its place, or be the way out. Of each mode the first spelling (pgtrickle__spellings) that is right counts;
    a query that reads no view is tried in its own words first, as pgtrickle__spellings would have it.
    Nothing of it stays in the database; no lock is held. Gives the verdict to remember: that of
    macros/trial/pgtrickle__trial_function.sql with `key` (pgtrickle__trial_key), `given`: the spelling where it isn't the model's own,
    and `full`, the verdict on FULL. -#}
{% macro pgtrickle__try(model, query, settings, state) %}
  {% set asked = settings.wanted.refresh_mode %}
  {% set mode = 'DIFFERENTIAL' if asked == 'AUTO' else asked %}
  {# to look for other spellings takes as long as a third of a trial #}
  {% set own_first = state.views is none and pgtrickle__parents(model) != [] %}
  {% set spellings = [query] if own_first else pgtrickle__spellings(query) %}
  {% set verdict = pgtrickle__first_right(model, query, spellings, mode, settings) %}
  {% if own_first and pgtrickle__is_unsafe(verdict) %}
    {% for spelling in pgtrickle__spellings(query) if spelling != query %}{% do spellings.append(spelling) %}{% endfor %}
    {% set other = pgtrickle__first_right(model, query, spellings[1:], mode, settings) %}
    {% set verdict = verdict if not other or pgtrickle__is_unsafe(other) else other %}
  {% endif %}
  {# where something else is in the way of the incremental one, FULL tells #}
  {% set full = pgtrickle__first_right(model, query, spellings, 'FULL', settings)
      if pgtrickle__is_unsafe(verdict) and not pgtrickle__is_cut(verdict) and asked != 'FULL' %}
  {% set retyped = pgtrickle__retyped(query) if pgtrickle__is_cut(full or verdict) %}
  {% set same_as = retyped.query if retyped else query %}
  {% if retyped %}
    {% set spellings = pgtrickle__spellings(same_as) %}
    {% set verdict = pgtrickle__first_right(model, query, spellings, mode, settings, same_as) %}
    {% set full = none %}
  {% endif %}
  {% if pgtrickle__is_unsafe(verdict) %}
    {% set verdict = pgtrickle__explained(model, verdict, spellings[0], settings, same_as) %}
    {% if asked != 'FULL' %}
      {% set full = full or pgtrickle__first_right(model, query, spellings, 'FULL', settings, same_as) %}
      {% do verdict.update({'full': pgtrickle__explained(model, full, spellings[0], settings, same_as)}) %}
    {% endif %}
  {% endif %}
  {% if retyped %}{% set verdict = dict(verdict, retyped=retyped.columns) %}{% endif %}
  {% do return(dict(verdict, key=pgtrickle__trial_key(model, query, settings, state), sizes=state.sizes)) %}
{% endmacro %}

{#- The verdict on the first spelling that is right in a mode, with `given`; on the first of all where none is.
    same_as: what they have to be equal to, where that isn't the query. -#}
{% macro pgtrickle__first_right(model, query, spellings, mode, settings, same_as=none) %}
  {% set first = namespace(verdict=none) %}
  {% for spelling in spellings + ([pgtrickle__whole(spellings[0])] if mode == 'FULL' and spellings else []) %}
    {% set verdict = pgtrickle__run_trial(model, same_as or query, spelling, mode, settings, brief=true) %}
    {% if not pgtrickle__is_unsafe(verdict) %}
      {% do return(dict(verdict, given=spelling) if spelling != query else verdict) %}
    {% endif %}
    {% set first.verdict = first.verdict or verdict %}
  {% endfor %}
  {% do return(first.verdict) %}
{% endmacro %}

{#- A verdict with the smallest change that shows the fault, which takes as long as the trial before it: only for what is told.
    spelling: which it is about; same_as: what that has to be equal to. -#}
{% macro pgtrickle__explained(model, verdict, spelling, settings, same_as) %}
  {% if verdict.outcome not in ['wrong', 'fails'] %}{% do return(verdict) %}{% endif %}
  {% set again = pgtrickle__run_trial(model, same_as, spelling, verdict.mode, settings) %}
  {% do return(again if again.outcome == verdict.outcome else verdict) %}
{% endmacro %}

{#- Whether a verdict is about a char(n) or bit(n) that 0.67.0 cuts short. -#}
{% macro pgtrickle__is_cut(verdict) %}
  {% do return(pgtrickle__is_unsafe(verdict)
      and modules.re.search('type (character|bit)\\(', (verdict.get('error') or {}).get('message', '')) is not none) %}
{% endmacro %}

{#- The query with text in the place of each char(n), which 0.67.0 takes for char(1), and bit varying in that of bit(n): {query, columns},
    or none where there is none. -#}
{% macro pgtrickle__retyped(query) %}
  {% set names, cast = [], {} %}
  {% for column in pgtrickle__compare_queries(query).get('columns') or [] %}
    {% do names.append(column.name) %}
    {% set other = {'character': 'text', 'bit': 'bit varying'}.get(column.type) %}
    {% if other %}{% do cast.update({column.name: other}) %}{% endif %}
  {% endfor %}
  {% do return({'query': pgtrickle__select_from(names, query, cast), 'columns': cast | list} if cast else none) %}
{% endmacro %}

{#- One trial in one mode. Its statement ends by itself soon after the trial's seconds. -#}
{% macro pgtrickle__run_trial(model, query, spelling, mode, settings, brief=false) %}
  {% set seconds = pgtrickle__option(model, 'trial_seconds') %}
  {% set options = {'seconds': [seconds, 1] | min if mode == 'FULL' else seconds, 'rows': pgtrickle__option(model, 'trial_rows'),
    'create': pgtrickle__trial_arguments(settings), 'same_as': query, 'read': pgtrickle__is_read(model), 'brief': brief} %}
  {% do return(pgtrickle__within(pgtrickle__trial_limit(seconds) | float, 'dbt_pgtrickle_trial', pgtrickle__trial_functions,
      pgtrickle__literal(spelling) ~ ', ' ~ pgtrickle__literal(mode) ~ ', ' ~ pgtrickle__literal(tojson(options))
      ~ "::jsonb || jsonb_build_object('search_path', " ~ pgtrickle__scheduler_path() ~ ")")) %}
{% endmacro %}
