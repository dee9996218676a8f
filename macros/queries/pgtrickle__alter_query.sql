{#- PL/pgSQL that names a stream table's query once more: pg_trickle 0.67.0 takes the hidden columns of that (pgtrickle__keyed_function) for
    new ones ("already exists"), so the former ones, which views may have taken along, step aside, as hidden, until it is made anew.
    relation: SQL, its regclass; statement: PL/pgSQL that names the query. -#}
{% macro pgtrickle__alter_query(relation, statement) -%}
  declare
    aside text;
  begin
    for aside in {{ pgtrickle__hidden_columns_aside(relation) }} loop
      execute aside;
    end loop;
    {{ statement }}
  end;
{%- endmacro %}

{#- SQL: the statements by which a stream table's hidden columns step aside, a row each. -#}
{% macro pgtrickle__hidden_columns_aside(relation) -%}
select format('alter table %s rename column %I to %I', attrelid::regclass, attname, '__pgt_former_' || attnum) as statement
from pg_catalog.pg_attribute
where attrelid = {{ relation }} and starts_with(attname, '__pgt_dbt_') and not attisdropped
{%- endmacro %}
