{#- SQL, text: the schema that has the change buffers. -#}
{% macro pgtrickle__buffers_schema() -%}
coalesce(nullif(current_setting('pg_trickle.change_buffer_schema', true), ''), 'pgtrickle_changes')
{%- endmacro %}

{#- The same as SQL's regnamespace, null where there is none. -#}
{% macro pgtrickle__buffers_namespace() -%}
to_regnamespace(quote_ident({{ pgtrickle__buffers_schema() }}))
{%- endmacro %}
