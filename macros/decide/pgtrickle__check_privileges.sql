{#- The refusal where this role lacks a right that the work needs, before anything is sent; else none.
    sources: what the query reads, from pgtrickle__compare_queries, or none; mode: the refresh mode that it is to have. -#}
{% macro pgtrickle__check_privileges(relation, state, sources, mode) %}
  {% set lacking = pgtrickle__lacking(state.role, relation.schema, sources or [], mode == 'IMMEDIATE') %}
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

{#- The rows of pgtrickle__lacking_rights. What a role has is asked once a run, and kept in dbt's own `graph`, which lives as long as the
    run; dbt v2 has no such place. -#}
{% macro pgtrickle__lacking(role, schema, sources, immediate) %}
  {% set kept = {} if pgtrickle__is_v2() else graph %}
  {% set has = kept.setdefault('pgtrickle_rights', {}).setdefault([role, schema, immediate] | string, []) %}
  {% set unknown = sources | reject('in', has) | list %}
  {% if has and not unknown %}{% do return([]) %}{% endif %}
  {% set lacking = pgtrickle__rows(pgtrickle__lacking_rights(pgtrickle__literal(schema), pgtrickle__literal(tojson(unknown)),
      pgtrickle__literal(immediate))) %}
  {% if not lacking %}{% do has.extend(unknown or [none]) %}{% endif %}
  {% do return(lacking) %}
{% endmacro %}
