{#- Warnings of what will go wrong, or only costs, once a plan is carried out. Arguments: those of pgtrickle__decide. -#}
{% macro pgtrickle__forebodings(plan, model, relation, settings, state) %}
  {% set warnings = settings.get('warnings', []) + pgtrickle__keyless_warnings(plan, state)
      + pgtrickle__unwatched_warnings(plan.settings, state) %}
  {% if (model.schema, model.alias) != (relation.schema, relation.identifier) and model.get('alias') %}
    {# only in a project that has these macros as a package, and doesn't say that dbt shall ask the package for names #}
    {% do warnings.append(pgtrickle__finding('PGT009',
        'its stream table is ' ~ relation.schema ~ '.' ~ relation.identifier ~ ', but ref() gives ' ~ model.schema ~ '.' ~ model.alias
          ~ '.',
        "Say in dbt_project.yml: dispatch: [{macro_namespace: dbt, search_order: [" ~ project_name ~ ", dbt_pgtrickle, dbt]}]")) %}
  {% endif %}
  {% set table_parents = pgtrickle__table_parents(model) if plan.action in ['create', 'replace', 'rebind'] else [] %}
  {% if table_parents %}
    {% do warnings.append(pgtrickle__finding('PGT023', 'it stands on the table model ' ~ table_parents | join(', ')
        ~ ', which dbt makes anew on every run, so it is filled anew on every run.',
          'Make that model a view, an incremental or a stream_table.')) %}
  {% endif %}
  {% set filled = settings.wanted.initialize
      or ((state.stream_table or {}).get('is_populated') and plan.action not in ['create', 'replace']) %}
  {% set readers = [] %}
  {% for node in graph.nodes.values() if not filled and node.resource_type in ['model', 'snapshot']
      and model.unique_id in node.depends_on.nodes %}
    {% do readers.append(node.name) %}
  {% endfor %}
  {% if readers %}
    {% do warnings.append(pgtrickle__finding('PGT008', 'it is still empty (initialize: false) and read by ' ~ readers | join(', ') ~ '.',
        'Refresh it before they run: dbt run-operation pgtrickle_refresh --args "{model_name: ' ~ model.name ~ '}"')) %}
  {% endif %}
  {% do return(warnings) %}
{% endmacro %}
