{% macro pgtrickle_primary_key(columns) -%}
{%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
{#- without rights to pg_trickle's catalog no ALTER TABLE works: that says so #}
{%- if execute -%}{%- do context.pgtrickle__has_catalog() -%}{%- endif -%}
{%- set names = [] -%}
{%- for name in ([columns] if columns is string else columns) -%}{%- do names.append(adapter.quote(name)) -%}{%- endfor -%}
do {{ context.pgtrickle__dollar_quote("begin
  if not exists (select from pg_catalog.pg_constraint where contype = 'p' and conrelid = '" ~ (this | string | replace("'", "''"))
    ~ "'::regclass) then
    alter table " ~ this ~ " add primary key (" ~ names | join(', ') ~ ");
  end if;
end") }}
{%- endmacro %}
