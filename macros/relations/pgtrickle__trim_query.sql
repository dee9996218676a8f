{#- A query's tokens that a naive search would trip over: comments, strings, quoted names, dollar quotes.
    PostgreSQL's own lexical rules; block comments may nest three deep. -#}
{% macro pgtrickle__query_tokens() %}
  {% set inner = '/[*](?:[^*/]|[*](?!/)|/(?![*]))*[*]/' %}
  {% set middle = '/[*](?:[^*/]|[*](?!/)|/(?![*])|' ~ inner ~ ')*[*]/' %}
  {% set comment = '--[^\n]*|/[*](?:[^*/]|[*](?!/)|/(?![*])|' ~ middle ~ ')*[*]/' %}
  {% set literal = "(?<!\\w)[eE]'(?:[^'\\\\]|\\\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?<![\\w$])\\$(?P<tag>(?:[^\\W\\d]\\w*)?)\\$.*?\\$(?P=tag)\\$" %}
  {% do return('(?s)(?P<comment>' ~ comment ~ ')|(?P<literal>' ~ literal ~ ')|;') %}
{% endmacro %}

{#- The query without what pg_trickle chokes on: semicolons, comments and white space at its end, and the `limit 0` that
    `dbt run --empty` adds to its `where false`. What else stands inside it is untouched. -#}
{% macro pgtrickle__trim_query(query) %}
  {% set query = query | replace(' where false limit 0) _dbt_limit_subq_', ' where false) _dbt_limit_subq_') %}
  {% set at = namespace(end=0, previous=0) %}
  {% for token in modules.re.finditer(pgtrickle__query_tokens(), query) %}
    {% set code = query[at.previous:token.start()].rstrip() %}
    {% if code | length > 0 %}{% set at.end = at.previous + code | length %}{% endif %}
    {% if token.group('literal') %}{% set at.end = token.end() %}{% endif %}
    {% set at.previous = token.end() %}
  {% endfor %}
  {% set code = query[at.previous:].rstrip() %}
  {% if code | length > 0 %}{% set at.end = at.previous + code | length %}{% endif %}
  {% do return(query[:at.end].lstrip()) %}
{% endmacro %}
