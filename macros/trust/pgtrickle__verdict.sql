{#- The verdict that is known of a model's query on the installed engine: the remembered one, none where it has to be tried (again):
    also what this role was told to ask for, once it has that. Where the model says trial: off, {outcome: off}. -#}
{% macro pgtrickle__verdict(model, query, settings, state) %}
  {% if pgtrickle__option(model, 'trial') == 'off' or flags.EMPTY %}{% do return({'outcome': 'off'}) %}{% endif %}
  {% set known = pgtrickle__record(state).get('trial') or {} %}
  {# what proved nothing may prove something once its sources have other sizes #}
  {% set outdated = (known.get('outcome') == 'unproved' and known.get('sizes') != state.sizes)
      or (known.get('outcome') == 'untried' and state.may_try) %}
  {% do return(known if known.get('key') == pgtrickle__trial_key(model, query, settings, state) and not outdated else none) %}
{% endmacro %}
