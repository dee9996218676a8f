{% macro pgtrickle_remember_deployed(compiled, schemas) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute -%}{%- do return('') -%}{%- endif -%}
  {%- do context.pgtrickle__begin() -%}
  {%- for unique_id, sql in compiled.items() -%}
    {%- do context.pgtrickle__remember_moved(graph.nodes[unique_id], sql, schemas) -%}
  {%- endfor -%}
  {%- do adapter.commit() -%}
{% endmacro %}

{#- One of them. -#}
{% macro pgtrickle__remember_moved(node, sql, schemas) %}
  {% set here = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
  {% set relation = pgtrickle__target_relation(here, node) %}
  {% set state = pgtrickle__describe(relation, node) %}
  {% if not (state.stream_table and state.record) %}{% do return('') %}{% endif %}
  {# these names are our own, and so nowhere else in it #}
  {% set told = namespace(record=state.record) %}
  {% for made, place in schemas.items() %}{% set told.record = told.record.replace(made, place) %}{% endfor %}
  {% do state.update({'record': told.record}) %}
  {% set record = pgtrickle__record(state) %}
  {% set verdict = record.get('trial') or {} %}
  {% if verdict.get('key') %}
    {% set query = pgtrickle__visible_query(node, pgtrickle__trim_query(sql), state) %}
    {% set verdict = dict(verdict, key=pgtrickle__trial_key(node, query, pgtrickle__settings(node), state)) %}
  {% endif %}
  {% do pgtrickle__remember(relation, pgtrickle__next_record(node, record.query, {'asked': record.asked}, record.settings, verdict,
      state)) %}
{% endmacro %}
