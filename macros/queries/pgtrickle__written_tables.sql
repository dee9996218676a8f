{#- The tables of pg_trickle's catalog that whoever builds stream tables has to write, as literals: the least that 0.67.0 takes for
    creating, altering, refreshing, repairing and dropping in every mode (observed; each without the others fails with 42501). -#}
{% macro pgtrickle__written_tables() -%}
'pgt_stream_tables', 'pgt_dependencies', 'pgt_change_tracking', 'pgt_refresh_history', 'pgt_template_cache'
{%- endmacro %}

{#- SQL expression: whether it is a version in which others may be written. -#}
{% macro pgtrickle__writes_all() -%}
exists (select from pg_catalog.pg_extension where extname = 'pg_trickle' and extversion !~ '^0[.]67[.]')
{%- endmacro %}

{#- SQL expression: what to grant to write them, after `grant`. -#}
{% macro pgtrickle__write_grant() -%}
(
  select 'insert, update, delete on ' || case
    when {{ pgtrickle__writes_all() }} then 'all tables in schema pgtrickle'
    else string_agg('pgtrickle.' || relname, ', ' order by relname)
  end
  from pg_catalog.pg_class
  where relnamespace = 'pgtrickle'::regnamespace and relname in ({{ pgtrickle__written_tables() }})
)
{%- endmacro %}

{#- What these rights amount to, as a sentence. -#}
{% macro pgtrickle__write_warning() -%}
Give them to whom you trust as a superuser: what stands in these tables, pg_trickle's scheduler runs as one.
{%- endmacro %}
