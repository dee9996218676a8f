{#- PL/pgSQL that names a stream table's query once more: pg_trickle 0.67.0 takes the hidden columns of that (pgtrickle__keyed_function) for
    new ones ("already exists"), so they go first, and the indexes that have them are made again.
    relation: SQL, its regclass; statement: PL/pgSQL that names the query. -#}
{% macro pgtrickle__alter_query(relation, statement) -%}
  declare
    held constant regclass := {{ relation }};
    indexes constant text[] := array({{ pgtrickle__hiding_indexes('held') }});
    hidden constant text[] := array({{ pgtrickle__hidden_columns('held') }});
    part text;
  begin
    foreach part in array hidden loop
      execute format('alter table %s drop column %I', held, part);
    end loop;
    {{ statement }}
    foreach part in array indexes loop
      execute part;
    end loop;
  end;
{%- endmacro %}

{#- SQL: the names of a stream table's columns that dbt hides. -#}
{% macro pgtrickle__hidden_columns(relation) -%}
select attname::text as part from pg_catalog.pg_attribute
where attrelid = {{ relation }} and starts_with(attname, '__pgt_dbt_') and not attisdropped
{%- endmacro %}

{#- SQL: the definitions of the indexes that have such a column. -#}
{% macro pgtrickle__hiding_indexes(relation) -%}
select pg_catalog.pg_get_indexdef(indexrelid) as part from pg_catalog.pg_index
where indrelid = {{ relation }}
  and exists (select from pg_catalog.pg_attribute where attrelid = indexrelid and starts_with(attname, '__pgt_dbt_'))
{%- endmacro %}
