{#- For a post_hook of a seed, table, incremental or snapshot: its primary key, unless it has one. dbt makes tables without keys, and over
    these pg_trickle keeps less right incrementally; a new one is there again after --full-refresh, before anything reads it.

    columns: a name or a list of names. Raises PostgreSQL's own error where a value is NULL or comes twice: the seed or model fails then.
    -#}
{% macro pgtrickle_primary_key(columns) -%}
{%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
{%- set names = [] -%}
{%- for name in ([columns] if columns is string else columns) -%}{%- do names.append(adapter.quote(name)) -%}{%- endfor -%}
do {{ context.pgtrickle__dollar_quote("begin
  if not exists (select from pg_catalog.pg_constraint where contype = 'p' and conrelid = '" ~ (this | string | replace("'", "''"))
    ~ "'::regclass) then
    alter table " ~ this ~ " add primary key (" ~ names | join(', ') ~ ");
  end if;
end") }}
{%- endmacro %}
