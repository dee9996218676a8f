{#- Whether the database has pg_trickle's catalog. Asked once a run and kept in dbt's own `graph`, which lives as long as the run; dbt v2
    has no such place. Not through dbt's cache of relations, into which adapter.get_relation would read the whole schema. -#}
{% macro pgtrickle__has_catalog() %}
  {% set kept = {} if pgtrickle__is_v2() else graph %}
  {% if 'pgtrickle_catalog' not in kept %}
    {% do kept.update({'pgtrickle_catalog': pgtrickle__query_json("
      select exists (
        select from pg_class where relname = 'pgt_stream_tables' and relnamespace = to_regnamespace('pgtrickle'))::text")}) %}
  {% endif %}
  {% do return(kept.pgtrickle_catalog) %}
{% endmacro %}
