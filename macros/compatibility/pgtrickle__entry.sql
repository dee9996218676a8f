{#- The catalog's row of the stream table of this name as a dict, or none. Found by its table's present name: the
    catalog's own doesn't follow a rename. call_name is what pg_trickle's functions take.
    required: fail with PGT081 instead of none. -#}
{% macro pgtrickle__entry(name, required=false) %}
  {% do pgtrickle__require_catalog() %}
  {% set relation = pgtrickle__locate(name) %}
  {% set rows = pgtrickle__rows(
      'select s.*, placed.call_name, placed.relid from (' ~ pgtrickle__entries() ~ ') as placed
       join pgtrickle.pgt_stream_tables s using (pgt_id) where placed.schema_name = '
      ~ pgtrickle__literal(relation.schema) ~ ' and placed.table_name = ' ~ pgtrickle__literal(relation.identifier)) %}
  {% if required and not rows %}
    {% do pgtrickle__fail('PGT081', name, 'there is no stream table ' ~ relation.schema ~ '.' ~ relation.identifier ~ '.',
        'Give its schema too (schema.name), or see which there are: dbt ls --select config.materialized:stream_table') %}
  {% endif %}
  {% do return(rows[0] if rows else none) %}
{% endmacro %}
