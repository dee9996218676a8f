{#- The statement that replaces a view in place and names the query once more of every stream table of dbt's that reads it.
    pg_trickle 0.67.0 records only the views that a query names itself, and goes on with the old definition of those inside
    them, without a sign; the others it fills again at the next refresh, but with row ids that later ones don't find again:
    rows that are changed or deleted after that stay. -#}
{% macro pgtrickle__replace_view(relation, query) %}
  {% set body %}
  perform {{ pgtrickle__lock_call() }}, set_config('timezone', session_zone, true);
  perform set_config('search_path', {{ pgtrickle__session_path() }}, true);
  create or replace view {{ relation }} as (
{{ query }}
  );
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform {{ pgtrickle__as_scheduler() }};
  {% for again in pgtrickle__reread_blocks(relation) %}{{ again }}{% endfor %}
  {% endset %}
  {% do return(pgtrickle__do_as_scheduler(body)) %}
{% endmacro %}

{#- PL/pgSQL for each stream table that reads a view. -#}
{% macro pgtrickle__reread_blocks(relation) %}
  {% set blocks = [] %}
  {% if not pgtrickle__has_catalog() %}{% do return(blocks) %}{% endif %}
  {% set oid = pgtrickle__query_json('select to_regclass(' ~ pgtrickle__literal(relation.include(database=false) | string)
      ~ ')::oid::bigint::text') %}
  {# one that was renamed is bound again by its own model's run #}
  {% for dependent in pgtrickle__dependents(oid) if dependent.stream_table and dependent.managed and dependent.place == 'right' %}
    {% set stream_table = dependent.stream_table %}
    {% set name = dependent.schema ~ '.' ~ dependent.name %}
    {# one whose other sources are gone has its own turn, or is named when the run ends #}
    {% set again %}
  if not {{ pgtrickle__has_lost_source(stream_table.pgt_id) }} then
  {% set query = pgtrickle__dollar_quote(stream_table.stored_query) %}
  {{ pgtrickle__alter_query(stream_table.pgt_relid ~ '::regclass', 'perform '
      ~ pgtrickle__as_theirs('pgtrickle.alter_stream_table(name => ' ~ pgtrickle__literal(name) ~ ', query => ' ~ query ~ ')') ~ ';') }}
      {% if stream_table.get('topk_limit') is not none %}
  perform {{ pgtrickle__as_theirs('pgtrickle.refresh_stream_table(' ~ pgtrickle__literal(name) ~ ')') }};
      {% endif %}
      {% if stream_table.status == 'SUSPENDED' %}
  perform pgtrickle.alter_stream_table(name => {{ pgtrickle__literal(name) }}, status => 'SUSPENDED');
      {% endif %}
  end if;
    {% endset %}
    {% do blocks.append(again) %}
  {% endfor %}
  {% do return(blocks) %}
{% endmacro %}
