{#- A schedule in a form in which equal schedules are equal text: durations as seconds, cron with single spaces. -#}
{% macro pgtrickle__schedule_key(schedule) %}
  {% if schedule is none %}{% do return('calculated') %}{% endif %}
  {% if not modules.re.fullmatch('([0-9]+[smhdw])+|[0-9]+', schedule) %}
    {% do return(schedule.split() | join(' ')) %}
  {% endif %}
  {% set seconds = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800, '': 1} %}
  {% set total = namespace(seconds=0) %}
  {% for amount, unit in modules.re.findall('([0-9]+)([smhdw]?)', schedule) %}
    {% set total.seconds = total.seconds + (amount | int) * seconds[unit] %}
  {% endfor %}
  {% do return(total.seconds ~ ' s') %}
{% endmacro %}
