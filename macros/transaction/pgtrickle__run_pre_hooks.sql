{#- dbt's hooks before a model, outside and inside of the transaction, with the transaction really begun between them. -#}
{% macro pgtrickle__run_pre_hooks(pre_hooks) %}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {% if pre_hooks | rejectattr('transaction') | list %}
    {% do pgtrickle__begin() %}
  {% endif %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
{% endmacro %}
