{#- A query's tokens that a naive search would trip over: comments, strings, quoted names, dollar quotes; a pattern to split at, after which
    each third part is such a token. PostgreSQL's own lexical rules; block comments may nest three deep. -#}
{% macro pgtrickle__query_tokens() -%}
  {%- set inner = '/[*](?:[^*/]|[*](?!/)|/(?![*]))*[*]/' -%}
  {%- set middle = '/[*](?:[^*/]|[*](?!/)|/(?![*])|' ~ inner ~ ')*[*]/' -%}
  {%- set comment = '--[^\n]*|/[*](?:[^*/]|[*](?!/)|/(?![*])|' ~ middle ~ ')*[*]/' -%}
  {%- set literal = "(?<!\\w)[eE]'(?:[^'\\\\]|\\\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
      ~ "|(?<![\\w$])\\$(?P<tag>(?:[^\\W\\d]\\w*)?)\\$.*?\\$(?P=tag)\\$" -%}
  {{- '(?s)(' ~ comment ~ '|' ~ literal ~ '|;)' -}}
{%- endmacro %}
