{#- pg_temp.dbt_pgtrickle_lists(words text): SQL as PostgreSQL writes it down, with IN in the place of = ANY over
    constants: pg_trickle 0.67.0 refuses an array that is spelt out, and drops the type of one in quotes. -#}
{% macro pgtrickle__lists_function() -%}
  {%- set string %}E?'(?:[^']|'')*'{% endset %}
  {%- set spelt %}\(\(?ARRAY\[((?:[^][']|{{ string }})*)\](?:\)::[^()]+\[\])?\){% endset %}
  {%- set quoted %}\(({{ string }})::([a-z "._]+(?:\([0-9, ]+\))?)\[\]\){% endset %}
  {%- set body -%}
declare
  list text[];
  items text;
begin
  words := regexp_replace(words, {{ pgtrickle__literal(' = ANY ' ~ spelt) }}, ' IN (\1)', 'g');
  words := regexp_replace(words, {{ pgtrickle__literal(' <> ALL ' ~ spelt) }}, ' NOT IN (\1)', 'g');
  for list in select regexp_matches(words, {{ pgtrickle__literal('( = ANY | <> ALL )(' ~ quoted ~ ')') }}, 'g') loop
    execute format('select string_agg(quote_nullable(item::text) || %L, '', '') from unnest(%s::%s[]) as item', '::' || list[4], list[3],
      list[4])
    into items;
    words := replace(words, list[1] || list[2], (case list[1] when ' = ANY ' then ' IN (' else ' NOT IN (' end) || items || ')');
  end loop;
  return words;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_lists(words text)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
