{#- PL/pgSQL that makes calls of the extension which run the query of a stream table on the model's: for a superuser by a function that its
    owner owns, for the query is his code (tasklib/catalog/owner.py says why SET ROLE alone is no wall).
    dependent: from pgtrickle__dependents; calls: from pgtrickle__call. -#}
{% macro pgtrickle__for_owner(dependent, calls) %}
  {% if not dependent.owner %}
    {% for call in calls %}
    perform {{ call }};
    {% endfor %}
  {% else %}
    {% set body %}begin {% for call in calls %}perform {{ call }}; {% endfor %}execute 'close all'; end{% endset %}
    declare
      me constant text := current_user;
      theirs constant text := 'dbt_pgtrickle_' || md5(random()::text || clock_timestamp());
    begin
      execute format('set local role %I', {{ pgtrickle__literal(dependent.owner) }});
      execute format(
        'create function pg_temp.%I() returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as %L',
        theirs, {{ pgtrickle__literal(body) }});
      execute format('set local role %I', me);
      execute format('select pg_temp.%I()', theirs);
      -- which it may have changed
      perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
      execute format('drop function pg_temp.%I()', theirs);
    end;
  {% endif %}
{% endmacro %}
