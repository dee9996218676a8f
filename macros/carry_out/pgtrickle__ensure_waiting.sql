{#- Sees to it that no refresh and no fill loses what an open transaction writes (pgtrickle__wait_for_writers), once for a database. The
    stand-in recomputes, so it loses nothing. inside: in the open transaction, before something is filled in it; the run's end tells
    who may not. One session at a time: dbt v2 holds no lock here, and two that make the same function fail. -#}
{% macro pgtrickle__ensure_waiting(inside=false) %}
  {% if inside and graph.get('pgtrickle_waiting') %}{% do return('') %}{% endif %}
  {% set found = pgtrickle__waiting() %}
  {% if found.needed and found.allowed %}
    {% do run_query(pgtrickle__alone(pgtrickle__wait_for_writers())) %}
    {% if not inside %}{% do adapter.commit() %}{% endif %}
  {% elif found.needed and not inside %}
    {% do exceptions.warn('[PGT068] pg_trickle loses what a transaction writes that commits after a refresh or a fill began, without a '
      ~ 'sign. Once, with a superuser\'s name and password in .env: invoke dbt -- run-operation pgtrickle_wait_for_writers') %}
  {% endif %}
  {# asked once a run, where dbt lets us remember #}
  {% if not pgtrickle__is_v2() %}{% do graph.update({'pgtrickle_waiting': true}) %}{% endif %}
{% endmacro %}

{#- {needed: whether it isn't there and refreshes lose something without, allowed: whether this role may make it, role}. -#}
{% macro pgtrickle__waiting() %}
  {% do return(pgtrickle__query_json("
    select json_build_object(
      'needed', exists (select from pg_extension where extname = 'pg_trickle') and not " ~ pgtrickle__waits_for_writers() ~ ",
      'allowed', pg_has_role(relowner, 'usage') and has_schema_privilege(relnamespace, 'create'),
      'role', current_user)::text
    from pg_class where oid = 'pgtrickle.pgt_refresh_history'::regclass")) %}
{% endmacro %}
