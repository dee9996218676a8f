{#- The columns of a relation, quoted, for a select list: what `*` gives, without the columns that pg_trickle keeps for itself in a
    stream table. relation: ref() or source(); alias: of the relation in the query; except: names to leave out.
    Gives `*` while the relation isn't there, as before a first run. -#}
{% macro pgtrickle_star(relation, alias=none, except=[]) %}
  {%- set prefix = adapter.quote(alias) ~ '.' if alias else '' -%}
  {%- set names = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) if execute and not column.name.startswith('__pgt_') -%}
    {%- if column.name not in except -%}{%- do names.append(prefix ~ adapter.quote(column.name)) -%}{%- endif -%}
  {%- endfor -%}
  {{ return(names | join(', ') or prefix ~ '*') }}
{% endmacro %}
