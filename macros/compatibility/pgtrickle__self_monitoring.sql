{#- Sets self-monitoring up where a part of it is missing; several models' hooks at once wait for each other. -#}
{% macro pgtrickle__self_monitoring() %}
  {% set status %}select coalesce(bool_and("exists"), false) as complete, count(*) filter (where "exists") as count
      from pgtrickle.self_monitoring_status(){% endset %}
  {% if not pgtrickle__rows(status)[0].complete %}
    {% do pgtrickle__lock() %}
    {% call statement('pgtrickle_self_monitoring') %}select pgtrickle.setup_self_monitoring(){% endcall %}
    {% do pgtrickle__commit() %}
    {% do log('self-monitoring is set up: ' ~ pgtrickle__rows(status)[0].count ~ ' stream tables in schema pgtrickle', info=true) %}
  {% endif %}
{% endmacro %}
