{#- SQL, text: the schema that has the change buffers. -#}
{% macro pgtrickle__buffers_schema() -%}
coalesce(nullif(current_setting('pg_trickle.change_buffer_schema', true), ''), 'pgtrickle_changes')
{%- endmacro %}
