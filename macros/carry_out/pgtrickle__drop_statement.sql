{#- The statement that drops one stream table by what it is (pgtrickle__drop_entry), while nobody else changes one. -#}
{% macro pgtrickle__drop_statement(pgt_id) -%}
{{ pgtrickle__pinned('perform ' ~ pgtrickle__lock_call() ~ ';\n' ~ pgtrickle__drop_entry(pgt_id)) }}
{%- endmacro %}
