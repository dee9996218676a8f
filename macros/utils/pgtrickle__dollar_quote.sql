{#- Text as a dollar-quoted literal whose tag doesn't occur in it. -#}
{% macro pgtrickle__dollar_quote(text) %}
  {% set found = namespace(tag=none) %}
  {% for number in range(1000) if found.tag is none and '$pgt' ~ number ~ '$' not in text %}
    {% set found.tag = '$pgt' ~ number ~ '$' %}
  {% endfor %}
  {% do return(found.tag ~ text ~ found.tag) %}
{% endmacro %}
