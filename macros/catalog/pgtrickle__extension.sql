{#- What the database has of pg_trickle: {version: its name and number, or none, replica: whether nothing can be written, has_catalog}.
    Fails with PGT011 where it has a catalog that this role can't read: on 0.67.0 it can send no DDL then.
    Asked once a run and kept in dbt's own `graph`, which lives as long as the run; dbt v2 has no such place. -#}
{% macro pgtrickle__extension() %}
  {% set kept = {} if pgtrickle__is_v2() else graph %}
  {% if 'pgtrickle_extension' not in kept %}
    {% set found = pgtrickle__query_json("
      select json_build_object(
        'role', current_user,
        'replica', pg_is_in_recovery(),
        'version', (select max(extname || ' ' || extversion) from pg_extension where extname in ('pg_trickle', 'pg_trickle_lite')),
        'has_catalog', count(*) > 0,
        'readable', bool_and(has_schema_privilege(relnamespace, 'usage') and has_table_privilege(oid, 'select')))::text
      from pg_class
      where relnamespace = to_regnamespace('pgtrickle') and relname in ('pgt_stream_tables', 'pgt_dependencies')") %}
    {% if found.has_catalog and not found.readable %}
      {% do pgtrickle__fail('PGT011', model.name if model is defined else flags.WHICH,
          'the role ' ~ found.role ~ " can't read pg_trickle's catalog.",
          'Have its owner run: grant usage on schema pgtrickle to "' ~ found.role ~ '"; grant select on all tables in schema pgtrickle to "'
          ~ found.role ~ '";') %}
    {% endif %}
    {% do kept.update({'pgtrickle_extension': found}) %}
  {% endif %}
  {% do return(kept.pgtrickle_extension) %}
{% endmacro %}
