{#- pg_temp.dbt_pgtrickle_usings(canonical text, scans jsonb): the conditions of JOIN … USING, for ON: the extension knows no
    columns by USING (0.67.0: "column does not exist" at a refresh, over tables too).
    canonical, scans: of dbt_pgtrickle_canonical. Gives (word: the token USING, first, last: those of its list, spelt). -#}
{% macro pgtrickle__usings_function() -%}
  {%- set body -%}
with tokens as materialized (
  select * from pg_temp.dbt_pgtrickle_tokens(canonical) where not blank
),
uses as materialized (
  select * from pg_temp.dbt_pgtrickle_uses(canonical, scans)
),
usings as (
  select
    t.place as word, t.scope, t.depth,
    (select min(place) from tokens where place > t.place) as first,
    (select min(place) from tokens where place > t.place and token = ')' and depth = t.depth) as last,
    (select max(place) from tokens where place < t.place and token = '(' and depth = t.depth - 1) as opened
  from tokens t
  where t.clause = 'from' and lower(t.token) = 'using' and t.after = '('
)
select
  word, first, last,
  '(' || string_agg(
    pg_temp.dbt_pgtrickle_column(one.scan, array_position(one.names, item.parts[1]), one.alias, one.whole) || ' = '
      || pg_temp.dbt_pgtrickle_column(two.scan, array_position(two.names, item.parts[1]), two.alias, two.whole),
    ' AND ' order by item.place) || ')'
from usings
join tokens item on item.place > first and item.place < last and item.parts is not null
left join lateral (
  select * from uses where uses.depth = usings.depth and uses.scope = usings.scope and uses.place > opened and uses.place < word
  order by uses.place desc limit 1
) as two on true
left join lateral (
  select * from uses
  where uses.scope = usings.scope and uses.place > opened and uses.place < two.place and item.parts[1] = any (uses.names)
  order by uses.place limit 1
) as one on true
group by word, first, last
having bool_and(one.place is not null and item.parts[1] = any (two.names))
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_usings(canonical text, scans jsonb)
returns table (word bigint, first bigint, last bigint, spelt text)
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
