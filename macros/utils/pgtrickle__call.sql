{#- SQL expressions (pgtrickle__as_theirs) with a call of one of pg_trickle's functions, arguments by name: only those the installed
    version has.
    function: {arguments: [names]} from pgtrickle__describe; arguments: {name: value}. -#}
{% macro pgtrickle__call(function_name, function, arguments) %}
  {% set parts = [] %}
  {% for name, value in arguments.items() if name in function.arguments %}
    {% do parts.append(name ~ ' => ' ~ (pgtrickle__dollar_quote(value) if name == 'query' else pgtrickle__literal(value) | trim)) %}
  {% endfor %}
  {% do return(pgtrickle__as_theirs('pgtrickle.' ~ function_name ~ '(' ~ parts | join(', ') ~ ')')) %}
{% endmacro %}
