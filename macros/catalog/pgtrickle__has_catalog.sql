{#- Whether the database has pg_trickle's catalog; fails with PGT011 where it has and this role can't read it: on 0.67.0 no ALTER TABLE
    works then. Asked once a run and kept in dbt's own `graph`, which lives as long as the run; dbt v2 has no such place. Not through
    dbt's cache of relations, into which adapter.get_relation would read the whole schema. -#}
{% macro pgtrickle__has_catalog() %}
  {% set kept = {} if pgtrickle__is_v2() else graph %}
  {% if 'pgtrickle_catalog' not in kept %}
    {% set found = pgtrickle__query_json("
      select json_build_object(
        'role', current_user,
        'tables', count(*),
        'readable', bool_and(has_schema_privilege(relnamespace, 'usage') and has_table_privilege(oid, 'select')))::text
      from pg_class
      where relnamespace = to_regnamespace('pgtrickle') and relname in ('pgt_stream_tables', 'pgt_dependencies')") %}
    {% if found.tables and not found.readable %}
      {% do pgtrickle__fail('PGT011', model.name if model is defined else flags.WHICH,
          'the role ' ~ found.role ~ " can't read pg_trickle's catalog.",
          'Have its owner run: grant usage on schema pgtrickle to "' ~ found.role ~ '"; grant select on all tables in schema pgtrickle to "'
          ~ found.role ~ '";') %}
    {% endif %}
    {% do kept.update({'pgtrickle_catalog': found.tables > 0}) %}
  {% endif %}
  {% do return(kept.pgtrickle_catalog) %}
{% endmacro %}
