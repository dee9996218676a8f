{#- Fails with PGT010 where the database has no pg_trickle, with PGT011 where this role can't read its catalog, with PGT016 where
    nothing can be written. -#}
{% macro pgtrickle__require_extension(model_name) %}
  {% set found = pgtrickle__extension() %}
  {% if found.version is none %}
    {% do pgtrickle__fail('PGT010', model_name, 'the database ' ~ target.dbname ~ ' has no pg_trickle.',
        "Start the project's own database with `invoke up`, or have a superuser run: create extension pg_trickle;") %}
  {% elif found.replica %}
    {% do pgtrickle__fail('PGT016', model_name, 'the server is a read replica.', 'Run dbt on the primary.') %}
  {% endif %}
{% endmacro %}
