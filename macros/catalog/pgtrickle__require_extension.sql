{#- Fails with PGT010 where the database has no pg_trickle, with PGT011 where this role can't read its catalog, with PGT016 where
    nothing can be written.
    Looked up once a run: the answer is remembered in dbt's own `graph`, which lives as long as the run. -#}
{% macro pgtrickle__require_extension(model_name) %}
  {% if graph.get('pgtrickle_extension') %}{% do return('') %}{% endif %}
  {% set found = pgtrickle__query_json("
    select json_build_object(
      'replica', pg_is_in_recovery(),
      'version', (select max(extname || ' ' || extversion) from pg_extension where extname in ('pg_trickle', 'pg_trickle_lite'))
    )::text") %}
  {% if found.version is none or not pgtrickle__has_catalog() %}
    {% do pgtrickle__fail('PGT010', model_name, 'the database ' ~ target.dbname ~ ' has no pg_trickle.',
        "Start the project's own database with `invoke up`, or have a superuser run: create extension pg_trickle;") %}
  {% elif found.replica %}
    {% do pgtrickle__fail('PGT016', model_name, 'the server is a read replica.', 'Run dbt on the primary.') %}
  {% endif %}
  {% do graph.update({'pgtrickle_extension': found.version}) %}
{% endmacro %}
