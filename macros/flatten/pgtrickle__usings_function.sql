{#- pg_temp.dbt_pgtrickle_usings(query text): a query in PostgreSQL's own words with ON in the place of USING: the extension knows no
    columns by USING, and joins everything with everything where one side is a subquery (0.67.0). A join whose sides can't be read by
    themselves keeps it. Relies on pg_temp.dbt_pgtrickle_tokens, _with and _temporary. -#}
{% macro pgtrickle__usings_function() -%}
  {%- set side -%}
declare
  alias text;
begin
  for alias in
    select quote_ident(parts[cardinality(parts)])
    from pg_temp.dbt_pgtrickle_tokens('select from ' || relations)
    where parts is not null and not blank and clause = 'from' and scope = 1 and before is distinct from '.'
    order by place
  loop
    begin
      perform pg_temp.dbt_pgtrickle_temporary(format(E'%s select %s.%I from %s\n', ctes, alias, name, relations));
      return alias;
    exception
      when query_canceled then raise;
      when others then null;
    end;
  end loop;
  return null;
end
  {%- endset -%}
  {%- set body -%}
declare
  own record;
  ctes text;
  found record;
  condition text;
  edits jsonb := '[]';
begin
  select * into own from pg_temp.dbt_pgtrickle_with(query);
  ctes := pg_temp.dbt_pgtrickle_ctes(own.names, own.bodies);
  for found in
    with tokens as materialized (
      select *, lower(token) as word from pg_temp.dbt_pgtrickle_tokens(query)
    ),
    usings as (
      select place as first,
        (select min(place) from tokens where place > t.place and token = ')' and depth = t.depth) as last,
        (select max(place) from tokens where place < t.place and word = 'join' and depth = t.depth and scope = t.scope) as joined,
        (select max(place) from tokens where place < t.place and token = '(' and depth = t.depth - 1) as opened
      from tokens as t where clause = 'from' and word = 'using' and after = '('
    )
    select first, last,
      (select regexp_replace(string_agg(token, '' order by place), '\s(LEFT|RIGHT|FULL)?\s*$', '') from tokens where place > opened
        and place < joined) as one,
      (select string_agg(token, '' order by place) from tokens where place > joined and place < first) as other,
      (select array_agg(parts[1] order by place) from tokens where place > first and place < last and parts is not null) as names
    from usings
  loop
    select string_agg(format('%s.%I = %s.%I', left_alias, name, right_alias, name), ' AND ' order by n) into condition
    from unnest(found.names) with ordinality as listed (name, n)
    cross join lateral pg_temp.dbt_pgtrickle_alias_of(ctes, found.one, name) as left_alias
    cross join lateral pg_temp.dbt_pgtrickle_alias_of(ctes, found.other, name) as right_alias
    having bool_and(left_alias is not null and right_alias is not null);
    if condition is not null then
      edits := edits || jsonb_build_object('first', found.first, 'last', found.last, 'spelt', format('ON (%s)', condition));
    end if;
  end loop;
  return (
    select string_agg(case when first is null then token when place = first then spelt else '' end, '' order by place)
    from pg_temp.dbt_pgtrickle_tokens(query)
    left join jsonb_to_recordset(edits) as edit (first bigint, last bigint, spelt text) on place between first and last);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_alias_of(ctes text, relations text, name text)
returns text
language plpgsql as {{ pgtrickle__literal(side) }};
create or replace function pg_temp.dbt_pgtrickle_usings(query text)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
