{#- Which settings of an existing stream table differ from the model's, as [{key, from, to, value, change, by_server}].
    value: what alter_stream_table takes; change: alter | replace | none (can't be undone in place); by_server: the model says what
    it said before. settings: from pgtrickle__settings; stream_table: its catalog row as a dict; said: of pgtrickle__said, as remembered.
    A setting whose column the installed version doesn't have isn't compared, one that the server sets too only with what was said. -#}
{% macro pgtrickle__changes(settings, stream_table, said={}) %}
  {% set changes = [] %}
  {% for key, spec in pgtrickle__setting_specs().items() if spec.change != 'none' %}
    {% set wanted, stored = settings.wanted[key], stream_table.get(spec.column) %}
    {% if key == 'schedule' %}
      {% if settings.wanted.target_freshness is none and pgtrickle__schedule_key(wanted) != pgtrickle__schedule_key(stored) %}
        {% do changes.append({'key': key, 'from': stored or 'calculated', 'to': wanted or 'calculated', 'value': wanted or 'calculated',
            'change': 'alter'}) %}
      {% endif %}
    {% elif key == 'refresh_mode' %}
      {# AUTO is never stored: it stands for what it resolved to, which is anything but IMMEDIATE #}
      {% if (wanted != 'AUTO' and wanted != stored) or (wanted == 'AUTO' and stored == 'IMMEDIATE') %}
        {# FULL keeps no counts in the storage, so no other mode can go on from it (42601 on 0.67.0) #}
        {% set in_place = wanted != 'AUTO' and stored != 'FULL' %}
        {% do changes.append({'key': key, 'from': stored, 'to': wanted, 'value': wanted, 'change': 'alter' if in_place else 'replace'}) %}
      {% endif %}
    {% elif key == 'status' %}
      {% if wanted == 'PAUSED' and stored != 'SUSPENDED' %}
        {% do changes.append({'key': key, 'from': stored, 'to': 'PAUSED', 'value': 'SUSPENDED', 'change': 'alter',
            'by_server': said.get(key) == wanted}) %}
      {% elif wanted == 'ACTIVE' and stored == 'SUSPENDED' %}
        {% do changes.append({'key': key, 'from': stored, 'to': 'ACTIVE', 'value': 'ACTIVE', 'change': 'alter',
            'by_server': said.get(key) == wanted}) %}
      {% endif %}
    {% elif key == 'output_distribution_column' %}
      {% if wanted is not none and stream_table.get('st_placement') == 'local' %}
        {% do changes.append({'key': key, 'from': none, 'to': wanted, 'value': wanted, 'change': 'replace'}) %}
      {% endif %}
    {% elif key == 'target_freshness' %}
      {% set deadline = pgtrickle__schedule_key(((stream_table.get('freshness_deadline_ms') or 0) // 1000) | int ~ 's') %}
      {% set same = wanted | lower == stream_table.get('target_freshness_mode') | lower
          or (wanted is not none and pgtrickle__schedule_key(wanted) == deadline) %}
      {% if wanted is not none and 'target_freshness_mode' in stream_table and not same %}
        {% do changes.append({'key': key, 'from': stream_table.target_freshness_mode, 'to': wanted, 'value': wanted, 'change': 'alter'}) %}
      {% endif %}
    {% elif spec.column in stream_table %}
      {# what the server stores for "nothing said": NULL, 0 for a limit that was taken away, its own words otherwise #}
      {% set neutral = {'cdc_mode': 'auto', 'storage_backend': 'heap', 'fillfactor': 100}.get(key, 0 if spec.kind in ['int', 'float']
          else '') %}
      {# where nothing is remembered, a model that says nothing never said anything but the default #}
      {% set unsaid = stored if settings.get('stored') or key in settings.given else spec.default %}
      {% set compared = said.get(key, unsaid) if spec.get('server_sets') else stored %}
      {% set was = neutral if compared is none else compared %}
      {% set will = (neutral if wanted is none else wanted) %}
      {% if was | string | lower != will | string | lower and not (spec.kind in ['int', 'float'] and was | float == will | float) %}
        {% set impossible = wanted is none and spec.get('reset') is sameas false %}
        {% do changes.append({
          'key': key, 'from': stored, 'to': wanted,
          'value': spec.get('reset', spec.default) if wanted is none else wanted,
          'change': 'none' if impossible else spec.change}) %}
      {% endif %}
    {% endif %}
  {% endfor %}
  {% do return(changes) %}
{% endmacro %}
