{#- Fails with PGT010 where the database has no pg_trickle, with PGT011 where this role can't read its catalog, with PGT016 where
    nothing can be written.
    Looked up once a run: the answer is remembered in dbt's own `graph`, which lives as long as the run. -#}
{% macro pgtrickle__require_extension(model_name) %}
  {% if graph.get('pgtrickle_extension') %}{% do return('') %}{% endif %}
  {% set found = pgtrickle__query_json("
    select json_build_object(
      'role', current_user,
      'replica', pg_is_in_recovery(),
      'version', (select max(extname || ' ' || extversion) from pg_extension where extname in ('pg_trickle', 'pg_trickle_lite')),
      'usage', coalesce((select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = 'pgtrickle'), false),
      'unreadable', coalesce((
        select string_agg('pgtrickle.' || relname, ', ' order by relname)
        from pg_class
        where relnamespace = to_regnamespace('pgtrickle')
          and relname in ('pgt_stream_tables', 'pgt_dependencies')
          and not has_table_privilege(oid, 'select')), '')
    )::text") %}
  {% if found.version is none %}
    {% do pgtrickle__fail('PGT010', model_name, 'the database ' ~ target.dbname ~ ' has no pg_trickle.',
        "Start the project's own database with `invoke up`, or have a superuser run: create extension pg_trickle;") %}
  {% elif not found.usage or found.unreadable %}
    {% do pgtrickle__fail('PGT011', model_name, 'the role ' ~ found.role ~ " can't read pg_trickle's catalog.",
        'Have its owner run: grant usage on schema pgtrickle to "' ~ found.role ~ '"; grant select on all tables in schema pgtrickle to "'
          ~ found.role ~ '";') %}
  {% elif found.replica %}
    {% do pgtrickle__fail('PGT016', model_name, 'the server is a read replica.', 'Run dbt on the primary.') %}
  {% endif %}
  {% do graph.update({'pgtrickle_extension': found.version}) %}
{% endmacro %}
