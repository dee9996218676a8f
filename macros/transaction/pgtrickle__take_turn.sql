{#- Before dbt makes a relation anew: waits until no other dbt process makes the same one, to the end of the transaction, and tells dbt's
    cache what is there by then: what the other one made, or what went with something else that was dropped. What that process has yet
    to drop of its own goes first, since its names are taken again. Always before pgtrickle__lock, so that nobody waits in a circle. -#}
{% macro pgtrickle__take_turn(relation) %}
  {% set leftovers = [make_intermediate_relation(relation), make_backup_relation(relation, 'table')] %}
  {% call statement('pgtrickle_turn') -%}
    select pg_catalog.pg_advisory_xact_lock(
      pg_catalog.hashtext('dbt_pgtrickle'),
      pg_catalog.hashtext({{ pgtrickle__literal(relation.include(database=false) | string) }}))
  {%- endcall %}
  {% set kinds = pgtrickle__query_json("
    select coalesce(json_object_agg(
      c.relname, case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end), '{}')::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = " ~ pgtrickle__literal(relation.schema) ~ " and c.relkind in ('r', 'p', 'v', 'm')
      and c.relname = any (array(select jsonb_array_elements_text("
      ~ pgtrickle__literal(tojson([relation.identifier, leftovers[0].identifier, leftovers[1].identifier])) ~ "::jsonb)))") %}
  {% for leftover in leftovers if leftover.identifier in kinds %}
    {% do adapter.drop_relation(leftover.incorporate(type=kinds[leftover.identifier])) %}
  {% endfor %}
  {% set cached, kind = load_cached_relation(relation), kinds.get(relation.identifier) %}
  {% if cached is not none and cached.type != kind %}{% do adapter.cache_dropped(cached) %}{% endif %}
  {% if kind and (cached is none or cached.type != kind) %}{% do adapter.cache_added(relation.incorporate(type=kind)) %}{% endif %}
{% endmacro %}
