{#- pg_temp.dbt_pgtrickle_selected(query text): a query that only selects from one subquery, as that subquery with what is selected:
    0.67.0 counts on the subquery's own columns ("UNION types … cannot be matched", "must appear in the GROUP BY clause"). Again and
    again, as long as it is so. Null where it isn't. pg_temp.dbt_pgtrickle_columns(query text): a SELECT's expressions by their names, null
    where it is more than that. Relies on pg_temp.dbt_pgtrickle_tokens, _canonical and _temporary. -#}
{% macro pgtrickle__selected_function() -%}
  {%- set columns -%}
with tokens as materialized (
  select *, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(query)
),
own as (
  select *, count(*) filter (where token = ',' and depth = 0) over (order by place) as item
  from tokens where clause = 'select' and place > (select min(place) from tokens where word = 'select')
    and place < (select min(place) from tokens where depth = 0 and clause = 'from')
),
listed as (
  select item,
    btrim(string_agg(token, '' order by place) filter (where token <> ',' or depth > 0), E' \n') as spelt,
    (array_agg(parts[cardinality(parts)] order by place desc) filter (where not blank))[1] as name,
    bool_or(word = 'as' and depth = 0) as is_named
  from own group by item
)
select case when bool_and(name is not null) then jsonb_object_agg(coalesce(name, ''), case when is_named
  then regexp_replace(spelt, '\s+as\s+(\w+|"(?:[^"]|"")+")$', '', 'i') else spelt end) end
from listed
where (select lower(token) from tokens where not blank order by place limit 1) = 'select'
  and not exists (
    select from tokens
    where depth = 0 and (clause in ('union', 'intersect', 'except', 'limit', 'offset', 'fetch', 'order') or word = 'distinct'))
  {%- endset -%}
  {%- set body -%}
declare
  -- where every column says whose it is
  given constant text := pg_temp.dbt_pgtrickle_canonical(query, '{}');
  selected text := given;
  wanted text;
  alias text;
  subquery text;
  columns jsonb;
  read regclass;
  reader regclass;
begin
  loop
    with tokens as materialized (
      select *, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(selected)
    ),
    marks as (
      select min(place) filter (where token = '(' and clause = 'from') as opened,
        max(place) filter (where token = ')' and clause = 'from') as closed,
        min(place) filter (where not blank and clause = 'from') as froms,
        (array_agg(parts[1] order by place desc) filter (where not blank))[1] as named
      from tokens where depth = 0
    )
    select string_agg(token, '' order by place) filter (where place > opened and place < closed), max(named),
      string_agg(token, '' order by place) filter (where place < froms)
    into subquery, alias, wanted
    from tokens, marks
    -- nothing but FROM, one subquery and its alias
    having count(*) filter (where depth = 0 and not blank and place >= froms) - 3 - count(*) filter (where depth = 0 and word = 'as'
        and place > closed) = 1
      and bool_and(depth > 0 or blank or clause in ('select', 'from'))
      and not bool_or(place < froms and (word = 'distinct' or word = 'select' and depth > 0 or parts = array[named]));
    columns := pg_temp.dbt_pgtrickle_columns(subquery);
    -- a projection of a table is best as it is (pgtrickle__projection_function)
    exit when columns is null or exists (
      select from pg_temp.dbt_pgtrickle_tokens(subquery)
      having bool_or(relation and scope = 1)
        and not bool_or(depth = 0 and clause = 'group' or lower(token) = 'over' and before = ')' and scope = 1));
    read := pg_temp.dbt_pgtrickle_temporary(subquery);
    reader := pg_temp.dbt_pgtrickle_temporary(format('%s from %s as %I', wanted, read, alias));
    -- what makes rows, or one of many, selected or not; and a window wants columns (pgtrickle__uses_function)
    exit when exists (
      -- of a query itself first, before those inside it
      select from pg_rewrite
      where ev_class = read and (substring(ev_action::text from ':hasTargetSRFs (\w+)') = 'true'
          or substring(ev_action::text from ':hasAggs (\w+)') = 'true'
          and not exists (select from pg_temp.dbt_pgtrickle_tokens(subquery) where depth = 0 and clause = 'group'))
        or ev_class = reader and ev_action::text ~ ':(hasTargetSRFs|hasAggs|hasWindowFuncs) true');
    select string_agg(case
        when parts[1] is distinct from alias or cardinality(parts) <> 2 then token
        when depth > 0 or before not in ('select', ',') or coalesce(after, ',') not in (',', 'as') then format('(%s)', columns ->> parts[2])
        when after = 'as' then columns ->> parts[2]
        else format('%s AS %I', columns ->> parts[2], parts[2])
      end, '' order by place)
      || (
        select ' ' || string_agg(token, '' order by place) from pg_temp.dbt_pgtrickle_tokens(subquery) as t
        where t.place >= (select min(place) from pg_temp.dbt_pgtrickle_tokens(subquery) where depth = 0 and clause = 'from'))
    into selected
    from pg_temp.dbt_pgtrickle_tokens(wanted);
  end loop;
  -- or PostgreSQL says why not
  perform pg_temp.dbt_pgtrickle_temporary(selected);
  return nullif(selected, given);
exception
  when query_canceled then raise;
  when others then return null;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_columns(query text)
returns jsonb
language sql as {{ pgtrickle__literal(columns) }};
create or replace function pg_temp.dbt_pgtrickle_selected(query text)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
