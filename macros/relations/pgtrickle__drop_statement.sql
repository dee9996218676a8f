{#- The statement that drops one stream table by what it is (pgtrickle__drop_entry). -#}
{% macro pgtrickle__drop_statement(pgt_id) -%}
do {{ pgtrickle__dollar_quote('begin\n' ~ pgtrickle__drop_entry(pgt_id) ~ '\nend') }}
{%- endmacro %}
