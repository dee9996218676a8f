{#- pg_temp.dbt_pgtrickle_tokens(query text): the query cut into tokens by PostgreSQL's lexical rules; put together
    again they are the query. Pure, for dbt and the tasks alike.
    Gives (place, token, parts: of a name, with or without qualifiers, each as the catalog has it; else null,
    blank: white space or a comment, before, after: the next tokens that aren't blank, in lower case).
    Comments nest three deep. Relies on standard_conforming_strings = on. -#}
{% macro pgtrickle__tokens_function() -%}
  {%- set first %}A-Za-z_\u0080-\U0010ffff{% endset %}
  {%- set space %}[ \t\n\r\f\v]{% endset %}
  {%- set part %}(?:"(?:[^"]|"")+"|[{{ first }}][{{ first }}0-9$]*){% endset %}
  {%- set name %}{{ part }}(?:{{ space }}*\.{{ space }}*{{ part }})*{% endset %}
  {%- set string %}[eE]'(?:[^'\\]|\\.|'')*'|(?:[uU]&|[bBnNxX])?'(?:[^']|'')*'|[uU]&"(?:[^"]|"")*"{% endset %}
  {%- set comment = namespace(nested='/[*]') %}
  {%- for depth in range(3) %}
    {%- set deeper %}/\*(?:[^*/]|\*(?!/)|/(?!\*)|{{ comment.nested }})*\*/{% endset %}
    {%- set comment.nested = deeper %}
  {%- endfor %}
  {%- set number %}[0-9][0-9A-Za-z_.]*{% endset %}
  {%- set tag %}\$((?:[{{ first }}][{{ first }}0-9]*)?)\${% endset %}
  {%- set body -%}
with dollars as (
  select string_agg(distinct format('|\$%1$s\$(?:[^$]|\$(?!%1$s\$))*\$%1$s\$', found[1]), '') as quoted
  from regexp_matches(query, {{ pgtrickle__literal(tag) }}, 'g') as found
),
tokens as (
  select place, found[1] as token, found[1] ~ '^(?:{{ space }}|--|/\*)' as blank
  from dollars, regexp_matches(
    query,
    {{ pgtrickle__literal([string, '--[^\\n\\r]*', comment.nested, name, number, space ~ '+', '.'] | join('|')) }} || coalesce(quoted, ''),
    'g'
  ) with ordinality as match (found, place)
)
select
  place,
  token,
  case when token ~ {{ pgtrickle__literal('^' ~ name ~ '$') }} then parse_ident(token) end,
  blank,
  lower(lag(token) over neighbours),
  lower(lead(token) over neighbours)
from tokens
window neighbours as (partition by blank order by place)
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_tokens(query text)
returns table (place bigint, token text, parts text[], blank boolean, before text, after text)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
