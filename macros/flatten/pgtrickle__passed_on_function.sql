{#- pg_temp.dbt_pgtrickle_passed_on(names text[], bodies text[], query text): the CTE whose columns a query only passes on, all
    of them in their order; null where it does more. names, bodies: of the CTEs that it may read. -#}
{% macro pgtrickle__passed_on_function() -%}
  {%- set body -%}
declare
  name text := (
    select quote_ident(max(parts[1]) filter (where relation))
    from pg_temp.dbt_pgtrickle_tokens(query)
    having count(*) filter (where relation) = 1
      and bool_and(blank or depth = 0 and clause in ('select', 'from'))
      and max(parts[1]) filter (where relation) = any (names)
  );
  ctes text := pg_temp.dbt_pgtrickle_ctes(names, bodies);
  from_clause text := (select string_agg(token, '' order by place) from pg_temp.dbt_pgtrickle_tokens(query) where clause = 'from');
begin
  if name is not null and pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(ctes || query))
    = pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(ctes || 'select * ' || from_clause)) then
    return name;
  end if;
  return null;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_passed_on(names text[], bodies text[], query text)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
