{#- Whether a stream table is alive and bound to sources that exist. -#}
{% macro pgtrickle__is_bound(state, plan) %}
  {% set gone = (state.sources or []) | selectattr('name', 'none') | list %}
  {% set stream_table = state.stream_table or {} %}
  {% do return(not gone and not stream_table.get('needs_reinit') and stream_table.get('status') in (['ACTIVE', 'SUSPENDED']
      if plan.suspended else ['ACTIVE'])) %}
{% endmacro %}
