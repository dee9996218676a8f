{#- For on-run-end: binds again every stream table of dbt's that lost a source in this run and wasn't selected itself, so
    that no `dbt run` leaves one in ERROR behind. Costs one statement where all is well.
    Rule: dropping a source, table or view, puts every stream table on it into ERROR (observed on 0.67.0). -#}
{% macro pgtrickle_rebind() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) -%}
  {%- if not execute or flags.WHICH not in ['run', 'build', 'seed', 'snapshot', 'retry', 'clone'] -%}{%- do return('') -%}{%- endif -%}
  {%- if not adapter.get_relation(target.dbname, 'pgtrickle', 'pgt_stream_tables') -%}{%- do return('') -%}{%- endif -%}
  {%- for unbound in context.pgtrickle__unbound_stream_tables() -%}
    {%- set node = graph.nodes.get(context.pgtrickle__model_of(unbound.schema, unbound.name)) -%}
    {%- if node and node.config.materialized == 'stream_table' -%}
      {%- set relation = api.Relation.create(database=target.dbname, schema=unbound.schema, identifier=unbound.name, type='table') -%}
      {%- set stream_table = unbound.stream_table -%}
      {%- set done = context.pgtrickle__apply(node, relation, stream_table.get('original_query') or stream_table.defining_query,
          context.pgtrickle__stored_settings(stream_table), false, 'pgtrickle_rebind', trusted=false) -%}
      {%- do adapter.commit() -%}
      {%- do log(relation.schema ~ '.' ~ relation.identifier ~ ': ' ~ context.pgtrickle__outcome(done.plan), info=true) -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}
