{#- The columns of a relation, quoted, for a select list: what `*` gives, without the columns that pg_trickle keeps for itself in a
    stream table. relation: ref() or source(); alias: of the relation in the query; except: names to leave out.
    Gives `*` while the relation isn't there, as before a first run. -#}
{% macro pgtrickle_star(relation, alias=none, except=[]) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- set prefix = adapter.quote(alias) ~ '.' if alias else '' -%}
  {%- set names = [] -%}
  {#- dbt 2.0.0rc196 ends a run in which a model asks its adapter for columns -#}
  {%- for name in context.pgtrickle__columns(relation) if name not in except -%}
    {%- do names.append(prefix ~ adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return(names | join(', ') or prefix ~ '*') }}
{% endmacro %}

{#- The names of a relation's columns but for pg_trickle's own; none while it isn't there, or while dbt parses. -#}
{% macro pgtrickle__columns(relation) %}
  {% if not execute %}{% do return([]) %}{% endif %}
  {% do return(pgtrickle__query_json("
    select coalesce(json_agg(attname order by attnum), '[]')::text from pg_catalog.pg_attribute
    where attrelid = to_regclass(" ~ pgtrickle__literal(relation.include(database=false) | string) ~ ")
      and attnum > 0 and not attisdropped and attname not like '\\_\\_pgt\\_%'")) %}
{% endmacro %}
