{#- Fails with PGT005 where pg_trickle can't take the name: it neither reads quotes nor folds case, splits at the
    first dot, and stores a name longer than 63 bytes that PostgreSQL cuts short. -#}
{% macro pgtrickle__check_name(model_name, relation) %}
  {% for part, name in [('schema', relation.schema), ('name', relation.identifier)] %}
    {% if not modules.re.fullmatch('[a-z_][a-z0-9_]*', name) or name | length > 63 %}
      {% do pgtrickle__fail('PGT005', model_name,
          "the " ~ part ~ " of the stream table is '" ~ name ~ "', which pg_trickle can't take: lower-case letters, digits and _ only, no digit first, 63 bytes at most.",
          "Give the model another " ~ ("schema (config schema, or schema in profiles.yml)." if part == 'schema' else "name: rename its file, or set alias or stream_table_name.")) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
