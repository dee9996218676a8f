{#- SQL, text: the message of an error text of the extension's, which may be a dump of its internal error record; else its first line.
    text: SQL. -#}
{% macro pgtrickle__error_message(text) -%}
coalesce(replace(substring({{ text }} from 'message: "((?:[^"\\]|\\.)*)"'), '\"', '"'), split_part({{ text }}, chr(10), 1))
{%- endmacro %}
