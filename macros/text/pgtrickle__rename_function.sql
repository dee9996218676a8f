{#- pg_temp.dbt_pgtrickle_rename(query text, names jsonb, aliased boolean default false): the query with other relations
    in the place of its own, and nothing else of its text touched. Also makes the function it calls. Pure, for dbt
    and the tasks alike.
    names: {"schema.relation": what to write instead}, names as the catalog has them. A relation is found however it
    is quoted, with a database before it and a column after it; without its schema only as "relation", in FROM.
    aliased: keep the relation's name as the alias where it has none, and its columns' qualifier: for a subquery. -#}
{% macro pgtrickle__rename_function() -%}
  {%- set body -%}
select string_agg(
  case
    when replacement is null then token
    when relation and (not aliased or has_alias) then replacement
    when relation then replacement || ' as ' || quote_ident(name)
    else (case when aliased then quote_ident(name) else replacement end) || rest
  end, '' order by place)
from (
  select
    *,
    after = 'as' or after ~ '^["a-z_\u0080-\U0010ffff]'
      and not exists (select from pg_get_keywords() where word = after and catcode in ('R', 'T')) as has_alias
  from pg_temp.dbt_pgtrickle_tokens(query)
) as tokens
left join lateral (
  select
    names ->> array_to_string(parts[first:last], '.') as replacement,
    parts[last] as name,
    coalesce((
      select string_agg('.' || quote_ident(part), '' order by position)
      from unnest(parts[last + 1:]) with ordinality as following (part, position)
    ), '') as rest
  from (values (1, 2), (2, 3), (1, 1)) as candidate (first, last)
  where names ? array_to_string(parts[first:last], '.')
    and before is distinct from '.'
    and case
      when relation then cardinality(parts) = last
      else last > 1 and after is distinct from '(' and (cardinality(parts) > last or cardinality(parts) = last and after = '.')
    end
  order by first, last desc
  limit 1
) as renamed on true
  {%- endset -%}
{{ pgtrickle__tokens_function() }}
create or replace function pg_temp.dbt_pgtrickle_rename(query text, names jsonb, aliased boolean default false)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
