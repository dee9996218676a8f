{% macro pgtrickle_rebind() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute or flags.WHICH not in ['run', 'build', 'seed', 'snapshot', 'retry', 'clone'] -%}{%- do return('') -%}{%- endif -%}
  {%- if not context.pgtrickle__has_catalog() -%}{%- do return('') -%}{%- endif -%}
  {%- do context.pgtrickle__begin() -%}
  {%- for unbound in context.pgtrickle__unbound_stream_tables() -%}
    {%- do context.pgtrickle__renew(unbound, unbound.stream_table.stored_query, trusted=false) -%}
  {%- endfor -%}
  {%- for outdated in context.pgtrickle__outdated() -%}
    {%- do context.pgtrickle__renew(outdated, outdated.record.query, trusted=true) -%}
  {%- endfor -%}
  {%- do context.pgtrickle__tell_carriers() -%}
  {%- do context.pgtrickle__tell_settings() -%}
  {%- do context.pgtrickle__ensure_waiting() -%}
{% endmacro %}
