{#- The verdict that is known of a model's query on the installed engine: the remembered one, none where it has to be tried (again).
    Where the model says trial: off, {outcome: off}. -#}
{% macro pgtrickle__verdict(model, query, settings, state) %}
  {% if pgtrickle__option(model, 'trial') == 'off' or flags.EMPTY %}{% do return({'outcome': 'off'}) %}{% endif %}
  {% set known = pgtrickle__record(state).get('trial') or {} %}
  {% do return(known if known.get('key') == pgtrickle__trial_key(model, query, settings, state) else none) %}
{% endmacro %}
