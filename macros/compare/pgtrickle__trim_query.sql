{#- The query without what pg_trickle chokes on: semicolons, comments and white space at its end, and the `limit 0` of `dbt run --empty`
    (dbt 1: where false limit 0; dbt v2: limit 0). What else stands inside it is untouched. -#}
{% macro pgtrickle__trim_query(query) %}
  {% set query = query | replace(' where false limit 0) _dbt_limit_subq_', ' where false) _dbt_limit_subq_') %}
  {% if ' limit 0)' in query %}
    {% set query = modules.re.sub('([(]select [*] from [^ ()]+) limit 0[)]', '\\1 where false)', query) %}
  {% endif %}
  {% set at = namespace(end=0, length=0) %}
  {% for part in modules.re.split(pgtrickle__query_tokens(), query) %}
    {% set kind = loop.index0 % 3 %}
    {% set code = part.rstrip() if kind == 0 else part if kind == 1 and part[0] in ['"', "'", '$', 'e', 'E'] else '' %}
    {% if code | length > 0 %}{% set at.end = at.length + code | length %}{% endif %}
    {% if kind != 2 %}{% set at.length = at.length + part | length %}{% endif %}
  {% endfor %}
  {% do return(query[:at.end].lstrip()) %}
{% endmacro %}
