{#- The refusal (PGT005) of a name that pg_trickle can't take, or none: it neither reads quotes nor folds case, splits at the
    first dot, and stores a name longer than 63 bytes that PostgreSQL cuts short. -#}
{% macro pgtrickle__name_slip(relation) %}
  {% for part, name in [('schema', relation.schema), ('name', relation.identifier)] %}
    {% if not modules.re.fullmatch('[a-z_][a-z0-9_]*', name) or name | length > 63 %}
      {% do return(pgtrickle__finding('PGT005',
          "the " ~ part ~ " of the stream table is '" ~ name
            ~ "', which pg_trickle can't take: lower-case letters, digits and _ only, no digit first, 63 bytes at most.",
          "Give the model another " ~ ("schema (config schema, or schema in profiles.yml)." if part == 'schema'
            else "name: rename its file, or set alias or stream_table_name."))) %}
    {% endif %}
  {% endfor %}
  {% do return(none) %}
{% endmacro %}
