{#- The refusal, where PostgreSQL doesn't take a model's query (PGT020), where it means something else to the
    scheduler (PGT028), has columns of pg_trickle's own (PGT026), or where this role lacks a right that the work needs (PGT013, PGT014);
    else none. mode: the refresh mode that it is to have; warnings: a list that takes what is to be said of it besides (PGT029). -#}
{% macro pgtrickle__check_query(query, relation, state, mode, warnings) %}
  {% set comparison = state.get('comparison') or pgtrickle__compare_queries(query) %}
  {% set refusal = pgtrickle__query_refusal(comparison, state.stream_table) %}
  {% if refusal %}{% do return(refusal) %}{% endif %}
  {% if comparison.get('zoned') %}
    {% do warnings.append(pgtrickle__finding('PGT029',
        "its result hangs on the time zone: it is kept in that of pg_trickle's scheduler, " ~ comparison.zoned[1]
          ~ ', not in that of this session, ' ~ comparison.zoned[0] ~ '.',
        "Say the zone in the query, as in (at at time zone '" ~ comparison.zoned[0] ~ "')::date.")) %}
  {% endif %}
  {% do return(pgtrickle__check_privileges(relation, state, comparison.get('sources'), mode)) %}
{% endmacro %}

{#- The refusal of a query by itself, from pgtrickle__compare_queries. stream_table: the one that is there, or none. -#}
{% macro pgtrickle__query_refusal(comparison, stream_table) %}
  {% if comparison.get('elsewhere') %}
    {% do return(pgtrickle__finding('PGT028',
        "it names something without its schema, which pg_trickle's scheduler doesn't find or takes for another: "
        ~ "this session's search_path is " ~ comparison.elsewhere[0] ~ ', the scheduler\'s ' ~ comparison.elsewhere[1] ~ '.',
        'Write the schema before each table and function, as source() and ref() do.')) %}
  {% elif '__pgt_' in comparison.get('error', '') %}
    {% do return(pgtrickle__finding('PGT026', 'it takes along what pg_trickle keeps for itself in the stream tables that it reads: '
        ~ comparison.error ~ '.',
        'Name the columns, or write pgtrickle_star(ref(…)) in the place of *.')) %}
  {% elif comparison.get('error') %}
    {% do return(pgtrickle__finding('PGT020', 'PostgreSQL refuses the query: ' ~ comparison.error ~ '.',
        ("dbt's --empty writes a name of its own behind each ref() and source(), so that an alias there can't be read: build it without "
          ~ '--empty, or give the alias to a CTE that selects from it.') if flags.EMPTY and 'syntax error' in comparison.error
        else 'Correct the model' ~ ('; the stream table is as it was.' if stream_table else '.'))) %}
  {% endif %}
  {% set own = [] %}
  {# those of a spelling are dbt's own (pgtrickle__keyed_function) #}
  {% for column in comparison.get('columns') or [] if column.name.startswith('__pgt_') and not column.name.startswith('__pgt_dbt_') %}
    {% do own.append(column.name) %}
  {% endfor %}
  {% if own %}
    {% do return(pgtrickle__finding('PGT026', 'it takes along what pg_trickle keeps for itself in the stream tables that it reads: '
        ~ own | join(', ') ~ '.',
        'Name the columns, or write pgtrickle_star(ref(…)) in the place of *.')) %}
  {% endif %}
  {% do return(none) %}
{% endmacro %}
