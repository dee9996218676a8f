{#- SQL expression: the role that owns a relation, null where there is none. relid: SQL. -#}
{% macro pgtrickle__owner(relid) -%}
(select pg_get_userbyid(relowner)::text from pg_catalog.pg_class where oid = {{ relid }})
{%- endmacro %}

{#- SQL condition: a relation is this role's, or that of one that it is a member of; a superuser is a member of every role, and what another
    has made is somebody else's code all the same. -#}
{% macro pgtrickle__is_ours(relid) -%}
(
  select relowner = me.oid or (not me.rolsuper and pg_has_role(relowner, 'usage'))
  from pg_catalog.pg_class relation, pg_catalog.pg_roles me
  where relation.oid = {{ relid }} and me.rolname = current_user
)
{%- endmacro %}
