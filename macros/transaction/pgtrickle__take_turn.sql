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
  {% set named = {} %}
  {% for each in [relation] + leftovers %}{% do named.update({each.identifier: each.include(database=false) | string}) %}{% endfor %}
  {# by the name as it is written: without quotes PostgreSQL makes small letters of it #}
  {% set kinds = pgtrickle__query_json("
    select coalesce(json_object_agg(
      named.key, case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end), '{}')::text
    from jsonb_each_text(" ~ pgtrickle__literal(tojson(named)) ~ "::jsonb) as named join pg_class c on c.oid = to_regclass(named.value)
    where c.relkind in ('r', 'p', 'v', 'm')") %}
  {% for leftover in leftovers if leftover.identifier in kinds %}
    {% do adapter.drop_relation(leftover.incorporate(type=kinds[leftover.identifier])) %}
  {% endfor %}
  {% set cached, kind = load_cached_relation(relation), kinds.get(relation.identifier) %}
  {% if cached is not none and cached.type != kind %}{% do adapter.cache_dropped(cached) %}{% endif %}
  {% if kind and (cached is none or cached.type != kind) %}{% do adapter.cache_added(relation.incorporate(type=kind)) %}{% endif %}
{% endmacro %}
