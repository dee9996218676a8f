{#- What a verdict holds for: the query, the mode that was asked for, how hard was tried, the extension's version, what the views mean,
    of the tables under it the primary keys, the columns' types and whether others inherit them, and whether another stream table reads it.
    A verdict with another key is out of date. -#}
{% macro pgtrickle__trial_key(model, query, settings, state) %}
  {% do return(local_md5([pgtrickle__generation(), pgtrickle__normalize_query(query), settings.wanted.refresh_mode, state.extension,
      pgtrickle__option(model, 'trial_seconds'),
    pgtrickle__option(model, 'trial_rows'), pgtrickle__option(model, 'on_unsafe'), pgtrickle__trial_arguments(settings), state.get('views'),
      state.get('keys'), pgtrickle__is_read(model)] | join('|'))) %}
{% endmacro %}

{#- The settings that change how the extension keeps a query, as the trial passes them to create_stream_table. -#}
{% macro pgtrickle__trial_arguments(settings) %}
  {% set given = {} %}
  {% for key in ['partition_by', 'temporal', 'max_differential_joins', 'max_delta_fraction'] if key in settings.given
      and settings.wanted[key] is not none %}
    {% do given.update({key: settings.wanted[key]}) %}
  {% endfor %}
  {% do return(given) %}
{% endmacro %}
