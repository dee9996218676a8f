{#- pg_temp.dbt_pgtrickle_rename(query text, names jsonb): the query with other relations in the place of its own, and
    nothing else of its text touched. Also makes the function it calls. Pure, for dbt and the tasks alike.
    names: {"schema.relation": what to write instead}, names as the catalog has them. A relation is found however it
    is quoted, with a database before it and a column after it; without its schema it isn't. -#}
{% macro pgtrickle__rename_function() -%}
  {%- set body -%}
select string_agg(coalesce(replacement || rest, token), '' order by place)
from pg_temp.dbt_pgtrickle_tokens(query)
left join lateral (
  select
    names ->> (parts[number] || '.' || parts[number + 1]) as replacement,
    coalesce((
      select string_agg('.' || quote_ident(part), '' order by position)
      from unnest(parts[number + 2:]) with ordinality as following (part, position)
    ), '') as rest
  from generate_series(1, 2) as number
  where names ? (parts[number] || '.' || parts[number + 1])
    and before is distinct from '.' and after is distinct from '('
    -- two parts may be a column of an alias too: they count where a relation may stand
    and (cardinality(parts) > number + 1 or after = '.' or before in ('from', 'join', 'only', 'table', ',', '('))
  order by number
  limit 1
) as renamed on true
  {%- endset -%}
{{ pgtrickle__tokens_function() }}
create or replace function pg_temp.dbt_pgtrickle_rename(query text, names jsonb)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
