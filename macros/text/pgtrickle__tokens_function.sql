{#- pg_temp.dbt_pgtrickle_tokens(query text): the query cut into tokens by PostgreSQL's lexical rules, with as much of
    its grammar as it takes to tell relations from columns; put together again they are the query. Pure, for dbt and
    the tasks alike.
    Gives (place, token, parts: of a name, with or without qualifiers, each as the catalog has it; else null,
    blank: white space or a comment, before, after: the next tokens that aren't blank, in lower case,
    depth: of parentheses, scope: which SELECT, clause: what it stands in: with, select, from, where …,
    relation: whether it names one in FROM).
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
#variable_conflict use_column
declare
  word text;
  -- of each open parenthesis, the query's own level first
  level int := 1;
  scopes int[] := '{0}';
  clauses text[] := array[null];
  selects boolean[] := '{true}';
  lists boolean[] := '{false}';
  awaited boolean := false;
  last_scope int := 0;
begin
  for place, token, parts, blank, before, after in
    with dollars as (
      select string_agg(distinct format('|\$%1$s\$(?:[^$]|\$(?!%1$s\$))*\$%1$s\$', found[1]), '') as quoted
      from regexp_matches(query, {{ pgtrickle__literal(tag) }}, 'g') as found
    ),
    lexed as (
      select match.place, found[1] as token, found[1] ~ '^(?:{{ space }}|--|/\*)' as blank
      from dollars, regexp_matches(
        query,
        {{ pgtrickle__literal([string, '--[^\\n\\r]*', comment.nested, name, number, space ~ '+', '.'] | join('|')) }}
            || coalesce(quoted, ''),
        'g'
      ) with ordinality as match (found, place)
    )
    select
      lexed.place,
      lexed.token,
      case when lexed.token ~ '^["{{ first }}]' and lexed.token !~ '''$|^[uU]&' then parse_ident(lexed.token) end,
      lexed.blank,
      lower(lag(lexed.token) over neighbours),
      lower(lead(lexed.token) over neighbours)
    from lexed
    window neighbours as (partition by lexed.blank order by lexed.place)
    order by lexed.place
  loop
    relation := false;
    if not blank then
      word := lower(token);
      if word = ')' and level > 1 then
        level := level - 1;
        awaited := false;
      elsif selects[level] and (
        word in ('where', 'having', 'window', 'order', 'limit', 'offset', 'fetch', 'for', 'union', 'intersect', 'except')
        or word = 'group' and before is distinct from 'within'
      ) then
        clauses[level] := word;
        lists[level] := false;
        awaited := false;
      elsif word = 'with' and (before is null or before = '(') then
        clauses[level] := word;
      elsif word = 'select' or word = 'values' and (before is null or before in ('(', 'union', 'intersect', 'except', 'all')) then
        selects[level] := true;
        lists[level] := false;
        awaited := false;
        last_scope := last_scope + 1;
        scopes[level] := last_scope;
        clauses[level] := word;
      elsif word = 'from' and clauses[level] = 'select' and selects[level] and before is distinct from 'distinct'
        or word = 'table' and (before is null or before in ('(', 'union', 'intersect', 'except', 'all')) then
        clauses[level] := 'from';
        lists[level] := true;
        awaited := true;
      elsif lists[level] and word in ('join', ',') then
        awaited := true;
      elsif awaited and parts is not null and word not in ('only', 'lateral') then
        relation := after is distinct from '(';
        awaited := false;
      end if;
    end if;
    depth := level - 1;
    scope := scopes[level];
    clause := clauses[level];
    return next;
    if token = '(' then
      level := level + 1;
      scopes[level] := scope;
      clauses[level] := clause;
      selects[level] := false;
      lists[level] := awaited;
    end if;
  end loop;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_tokens(query text)
returns table (
  place bigint, token text, parts text[], blank boolean, before text, after text,
  depth int, scope int, clause text, relation boolean
)
language plpgsql strict as {{ pgtrickle__literal(body) }};
{%- endmacro %}
