{#- Text as a literal that is easy to read: dollar-quoted, with a tag that doesn't occur in it. dbt v2 knows no dollar quotes: it would cut
    the text at each semicolon, and drop what has an odd number of ' without a sign. -#}
{% macro pgtrickle__dollar_quote(text) %}
  {% if pgtrickle__is_v2() %}{% do return(pgtrickle__literal(text) | trim) %}{% endif %}
  {% for number in range(1000) %}
    {% set tag = '$pgt' ~ number ~ '$' %}
    {% if tag not in text %}{% do return(tag ~ text ~ tag) %}{% endif %}
  {% endfor %}
{% endmacro %}
