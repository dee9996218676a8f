{#- Whether the database has pg_trickle's catalog. Not through dbt's cache of relations, into which adapter.get_relation would read the
    whole schema. -#}
{% macro pgtrickle__has_catalog() %}
  {% do return(pgtrickle__extension().has_catalog) %}
{% endmacro %}
