{#- Whether a stream table is what it was when a run found nothing to do and nothing to warn of (pgtrickle__remember_unchanged), by one
    small statement. relation: the stream table's; fingerprint: from pgtrickle__model_fingerprint. -#}
{% macro pgtrickle__is_unchanged(relation, fingerprint) %}
  {% do return(pgtrickle__query_json(
      "select coalesce(bool_and(record -> 'unchanged' = jsonb_build_object('model', '" ~ fingerprint
        ~ "', 'state', state)), false)::text from (\n"
      ~ pgtrickle__state_fingerprint_of(relation) ~ "\n) as fingerprint", abridged=true)) %}
{% endmacro %}
