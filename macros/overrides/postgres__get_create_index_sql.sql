{#- dbt's index. dbt v2 can't read what the config says of it (its adapter.parse_index ends the whole run), so there it is said here: with a
    name of its own each time, as in dbt 1, since the table that is replaced has the same index. -#}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not context.pgtrickle__is_v2() -%}{{ return(dbt.postgres__get_create_index_sql(relation, index_dict)) }}{%- endif -%}
  {%- set type = index_dict.get('type') -%}
  {%- set parts = [index_dict.columns | join('_'), relation, index_dict.get('unique'), type, modules.datetime.datetime.now()] -%}
  {%- set name = local_md5(parts | join('_')) -%}
  create {{ 'unique' if index_dict.get('unique') }} index if not exists "{{ name }}"
  on {{ relation }} {{ 'using ' ~ type if type }} ({{ index_dict.columns | join(', ') }})
{%- endmacro %}
