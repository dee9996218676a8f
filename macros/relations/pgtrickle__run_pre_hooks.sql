{#- dbt's hooks before a model, outside and inside of the transaction, with the transaction really begun between them:
    a hook outside makes dbt send a literal `commit`, after which psycopg2 takes the transaction for open and begins no
    other, so that without this every later statement would commit by itself. -#}
{% macro pgtrickle__run_pre_hooks(pre_hooks) %}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {% if pre_hooks | rejectattr('transaction') | list %}
    {% call statement('pgtrickle_begin', auto_begin=true) %}begin{% endcall %}
  {% endif %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
{% endmacro %}
