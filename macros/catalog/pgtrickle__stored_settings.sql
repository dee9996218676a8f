{#- The settings that a stream table has now, in the form of pgtrickle__settings, and `stored`, since no model says them.
    stream_table: its catalog row as a dict. -#}
{% macro pgtrickle__stored_settings(stream_table) %}
  {% set wanted, given = {}, ['initialize', 'refresh_mode', 'schedule'] %}
  {% for key, spec in pgtrickle__setting_specs().items() %}
    {% set stored = stream_table.get(spec.column) if spec.column else none %}
    {% set said = stored is not none and stored != spec.default and not (key == 'storage_backend' and stored == 'heap')
        and key not in ['schedule', 'refresh_mode', 'status'] %}
    {% do wanted.update({key: stored if said else spec.default}) %}
    {% if said %}{% do given.append(key) %}{% endif %}
  {% endfor %}
  {% do wanted.update({
    'refresh_mode': stream_table.refresh_mode, 'schedule': stream_table.schedule, 'target_freshness': none,
    'initialize': stream_table.is_populated, 'status': 'PAUSED' if stream_table.status == 'SUSPENDED' else none}) %}
  {% do return({'wanted': wanted, 'given': given, 'stored': true}) %}
{% endmacro %}
