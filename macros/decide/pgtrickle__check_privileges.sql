{#- The refusal where this role lacks a right that the work needs, before anything is sent; else none.
    sources: what the query reads, from pgtrickle__compare_queries, or none; mode: the refresh mode that it is to have. -#}
{% macro pgtrickle__check_privileges(relation, state, sources, mode) %}
  {% set lacking = pgtrickle__rows(pgtrickle__lacking_rights(pgtrickle__literal(relation.schema), pgtrickle__literal(tojson(sources or [])),
      pgtrickle__literal(mode == 'IMMEDIATE'))) %}
  {% if lacking %}
    {% do return(pgtrickle__finding('PGT013', 'the role ' ~ state.role ~ ' lacks rights that a stream table needs.',
        'Have a superuser run: ' ~ lacking | map(attribute='statement') | join('; ') ~ ';'
        ~ (' ' ~ pgtrickle__write_warning() if lacking | selectattr('is_grave') | list else ''))) %}
  {% elif state.relation and not state.owned %}
    {% do return(pgtrickle__finding('PGT014', relation ~ ' belongs to another role than ' ~ state.role ~ '.',
        'Run dbt as its owner, or have it run: alter table ' ~ relation ~ ' owner to "' ~ state.role ~ '";')) %}
  {% endif %}
  {% do return(none) %}
{% endmacro %}
