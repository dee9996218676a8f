{#- What pgtrickle_stream_table_status says of a stream table that exists; empty where there is none. -#}
{% macro pgtrickle__health(name, warn_seconds) %}
  {% set entry = pgtrickle__entry(name) %}
  {% if entry is none %}{% do return({}) %}{% endif %}
  {% set relation = pgtrickle__locate(name) %}
  {% set operations = pgtrickle_operational_status() %}
  {% set verdict = pgtrickle__rows(pgtrickle__freshness(
      managed=pgtrickle__literal(pgtrickle__managed()),
      model_name=pgtrickle__literal(relation.schema ~ '.' ~ relation.identifier),
      warn_seconds=pgtrickle__literal(warn_seconds))) | rejectattr('server_wide') | first %}
  {% set statistics = pgtrickle__rows("
    select coalesce(to_jsonb(s) ->> 'total_refreshes', '0')::bigint as total_refreshes,
      to_char(s.last_refresh_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"') as last_refresh_at
    from pgtrickle.pg_stat_stream_tables s where s.pgt_id = " ~ entry.pgt_id)[0] %}
  {% set health = {'paused': 'paused', 'suspended': 'paused', 'late': 'stale', 'getting_late': 'stale', 'reinit_pending': 'stale',
                   'never_populated': 'stale'}.get(verdict.reason, 'erroring') %}
  {% if not verdict.reason %}{% set health = 'healthy' if verdict.verdict == 'ok' else 'stale' %}{% endif %}
  {% if health in ['healthy', 'stale'] and operations.is_drained %}{% set health = 'drained' %}{% endif %}
  {% if health in ['healthy', 'stale'] and operations.cdc_paused %}{% set health = 'paused' %}{% endif %}
  {% do return({
    'status': health,
    'staleness_seconds': 0 if verdict.refresh_mode == 'IMMEDIATE' else verdict.age_seconds | int if verdict.age_seconds is not none
      else none,
    'consecutive_errors': entry.get('consecutive_errors') or 0,
    'last_refresh_at': modules.datetime.datetime.fromisoformat(statistics.last_refresh_at) if statistics.last_refresh_at else none,
    'total_refreshes': statistics.total_refreshes,
    'is_populated': entry.is_populated,
    'refresh_mode': entry.refresh_mode,
    'cdc_paused': operations.cdc_paused,
    'force_full': operations.force_full,
    'is_drained': operations.is_drained}) %}
{% endmacro %}
