{#- Whether pg_trickle takes this text as a cron schedule: an @alias, or five fields (six with seconds first) whose numbers
    are within their field's range. Names of months and days count as numbers. -#}
{% macro pgtrickle__is_cron(text) %}
  {% if text.startswith('@') %}
    {% do return(text in ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']) %}
  {% endif %}
  {% set fields = text.split() %}
  {% set ranges = [[0, 59], [0, 59], [0, 23], [1, 31], [1, 12], [0, 7]][6 - fields | length:] if fields | length in [5, 6] else [] %}
  {% for low, high in ranges %}
    {% set field = fields[loop.index0] %}
    {% if not modules.re.fullmatch('[0-9A-Za-z*?][0-9A-Za-z*/,#?-]*', field) %}{% do return(false) %}{% endif %}
    {% for number in modules.re.findall('(?<![/#0-9])[0-9]+', field) if (number | int) < low
        or (number | int) > high %}{% do return(false) %}{% endfor %}
  {% endfor %}
  {% do return(ranges | length > 0) %}
{% endmacro %}
