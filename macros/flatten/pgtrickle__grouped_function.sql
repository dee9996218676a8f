{#- pg_temp.dbt_pgtrickle_grouped(query text): a query in PostgreSQL's own words that groups by what it computes from its groups too, such
    as a surrogate key: that means the same, and pg_trickle 0.67.0 makes NULL of the others. Null where there is nothing of it.
    Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__grouped_function() -%}
  {%- set body -%}
with tokens as (
  select *, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(query)
),
own as (
  -- the list of the outermost SELECT and its GROUP BY, item by item
  select * from (
    select *, count(*) filter (where depth = 0 and word = ',') over (partition by clause order by place) as item
    from tokens where scope = (select min(scope) from tokens where depth = 0 and word = 'select') and clause in ('select', 'group')
  ) as counted
  where not (depth = 0 and word in ('select', 'distinct', 'group', 'by', ','))
),
items as (
  select clause, item, trim(string_agg(token, '' order by place) filter (where renamed is null or place < renamed), E' \n') as term,
    bool_or(depth = 0 and word = 'over' or after = '(' and word in (select proname from pg_proc where prokind = 'a')) as aggregated,
    bool_or(parts is not null and after is distinct from '(' and word not in ('null', 'true', 'false')
      and (renamed is null or place < renamed)) as varies
  from (select *, max(place) filter (where depth = 0 and word = 'as') over (partition by clause, item) as renamed from own) as named
  group by clause, item
),
missing as (
  select ', ' || string_agg(term, ', ' order by item) as terms
  from items
  where clause = 'select' and not aggregated and varies
    and btrim(term, '() ') not in (select btrim(term, '() ') from items where clause = 'group')
)
select case when terms is not null then (
  select string_agg(token || case when place = (select max(place) from own where clause = 'group' and not blank) then terms else '' end,
    '' order by place)
  from tokens) end
from missing
where exists (select from own where clause = 'group')
  and not exists (select from own where clause = 'group' and word in ('grouping', 'rollup', 'cube'))
  and not exists (select from tokens where depth = 0 and word in ('union', 'intersect', 'except'))
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_grouped(query text)
returns text
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
