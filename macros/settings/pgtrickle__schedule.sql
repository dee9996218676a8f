{#- A schedule as pg_trickle takes it: a duration (1h30m, or a number of seconds), a cron expression of five
    or six fields, an @alias, or none for calculated. Fails on anything else.
    Source of the rules: run against 0.67.0 (units s m h d w, lower case, no spaces, at least 1 s). -#}
{% macro pgtrickle__schedule(model_name, value, slips=none) %}
  {% set text = (value | string).strip() %}
  {% set is_cron = text.startswith('@') or ' ' in text %}
  {% set remedy = "Allowed: a duration such as 30s, 5m, 1h30m, 1d; "
      ~ "a cron expression such as '*/5 * * * *' or '@hourly'; calculated (or null)." %}
  {% if value is none or text | lower == 'calculated' %}
    {% do return(none) %}
  {% elif value is sameas true or value is sameas false %}
    {% do pgtrickle__fail('PGT001', model_name, "schedule is " ~ value ~ ", which isn't a schedule.", remedy, slips) %}
    {% do return(none) %}
  {% elif is_cron and pgtrickle__is_cron(text) %}
    {% do return(text) %}
  {% elif modules.re.fullmatch('([0-9]+[smhdw])+|[0-9]+', text) and modules.re.search('[1-9]', text) %}
    {% do return(text) %}
  {% endif %}
  {% do pgtrickle__fail('PGT001', model_name, "schedule is '" ~ text ~ "', which pg_trickle can't read.", remedy, slips) %}
{% endmacro %}
