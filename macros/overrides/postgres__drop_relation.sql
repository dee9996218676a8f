{#- dbt's drop, while nobody else changes stream tables: it takes along the views on a relation, and pg_trickle writes into its catalog for
    each stream table that reads one. In one statement, since dbt drops the old table when its transaction is over. -#}
{% macro postgres__drop_relation(relation) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {% call statement('drop_relation', auto_begin=False) -%}
    {{ context.pgtrickle__alone('drop ' ~ relation.type | replace('_', ' ') ~ ' if exists ' ~ relation ~ ' cascade') }}
  {%- endcall %}
{% endmacro %}
