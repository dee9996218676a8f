{#- The catalog's row of the stream table of this name as a dict, or none. Found by its relation: the catalog's own name
    doesn't follow a rename. call_name is what pg_trickle's functions take.
    required: fail with PGT081 instead of none. -#}
{% macro pgtrickle__entry(name, required=false) %}
  {% do pgtrickle__require_catalog() %}
  {% set relation = pgtrickle__locate(name) %}
  {% set rows = pgtrickle__rows(
      "select s.*, s.pgt_schema || '.' || s.pgt_name as call_name from pgtrickle.pgt_stream_tables s join pg_class c on c.oid = s.pgt_relid join pg_namespace n on n.oid = c.relnamespace where n.nspname = "
      ~ pgtrickle__literal(relation.schema) ~ ' and c.relname = ' ~ pgtrickle__literal(relation.identifier)) %}
  {% if required and not rows %}
    {% do pgtrickle__fail('PGT081', name, 'there is no stream table ' ~ relation.schema ~ '.' ~ relation.identifier ~ '.',
        'Give its schema too (schema.name), or see which there are: dbt ls --select config.materialized:stream_table') %}
  {% endif %}
  {% do return(rows[0] if rows else none) %}
{% endmacro %}
