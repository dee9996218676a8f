{#- Refresh one table in a transaction of its own and say what became of it, as {outcome, cause}. -#}
{% macro pgtrickle__try_refresh(table) %}
  {%- call statement('pgtrickle_refresh', auto_begin=true) -%}
    {{ pgtrickle__refresh_block(table.call_name) }}
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {{- return(pgtrickle__query_json('select ' ~ pgtrickle__answered())) -}}
{% endmacro %}
