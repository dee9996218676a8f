{#- After the commit of a stream table that is new or was altered: tells the scheduler to look again. 0.67.0 tells it within the
    transaction, and where that commits two of the scheduler's looks later (an index on many rows, a post-hook), or where another
    database's scheduler took the message, it goes on without the stream table: ACTIVE, and never refreshed.
    With its own commit: dbt takes longer for each statement than this takes. -#}
{% macro pgtrickle__wake_scheduler() %}
  {% set wake = pgtrickle__pinned("
  if to_regproc('pgtrickle._signal_launcher_rescan') is not null then
    perform pgtrickle._signal_launcher_rescan();
  end if;") %}
  {% if pgtrickle__is_v2() %}
    {% call statement('pgtrickle_wake_scheduler', auto_begin=true) %}{{ wake }}{% endcall %}
    {% do adapter.commit() %}
  {% else %}
    {% do adapter.add_query(wake ~ ';\ncommit', auto_begin=false) %}
  {% endif %}
{% endmacro %}
