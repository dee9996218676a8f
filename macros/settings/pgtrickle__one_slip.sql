{#- Whether one inserted, missing, wrong or swapped letter turns a into b (words of four letters and more). -#}
{% macro pgtrickle__one_slip(a, b) %}
  {% set m, n = a | length, b | length %}
  {% if a == b or n < 4 or (m - n) | abs > 1 %}{% do return(false) %}{% endif %}
  {% set same = namespace(head=0, tail=0) %}
  {% for i in range([m, n] | min) %}{% if same.head == i and a[i] == b[i] %}{% set same.head = i + 1 %}{% endif %}{% endfor %}
  {% for i in range([m, n] | min) %}
    {% if same.tail == i and a[m - 1 - i] == b[n - 1 - i] %}{% set same.tail = i + 1 %}{% endif %}
  {% endfor %}
  {% set rest_a, rest_b = m - same.head - same.tail, n - same.head - same.tail %}
  {% set swapped = m == n and rest_a == 2 and a[same.head] == b[same.head + 1] and a[same.head + 1] == b[same.head] %}
  {% do return((rest_a <= 1 and rest_b <= 1) or swapped) %}
{% endmacro %}
