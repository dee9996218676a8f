{#- Queries with several right results: a tie in an ORDER BY, elements in no order, the one of equal groups that gives its name.
    pg_temp.dbt_pgtrickle_trial_determined(described jsonb): the columns of the query, [name], that it gives the same over the same rows in
    another order, where no more than the others differ in the stream table: then that is right, too. Null where that has a fault, in the
    columns that are determined, or since all are. described: as in the functions of a round, with `determined` of an earlier one.
    pg_temp.dbt_pgtrickle_trial_keep(described jsonb, name text, query text): a table of what a query gives, to compare. Its name.
    pg_temp.dbt_pgtrickle_trial_apart(one text, other text, names text[]): how many rows of two such tables differ in these columns. -#}
{% macro pgtrickle__trial_determined_functions() -%}
  {%- set body -%}
declare
  mirror jsonb;
  place int;
  turn int;
  relation jsonb;
  asked text;
  held text;
  given text;
  determined text[];
  answer jsonb;
begin
  begin
    asked := pg_temp.dbt_pgtrickle_trial_keep(described, 'asked', described ->> 'wanted');
    held := pg_temp.dbt_pgtrickle_trial_keep(described, 'held', 'table ' || (described ->> 'subject'));
    select array_agg(value ->> 'name' order by ordinality) into determined
    from jsonb_array_elements(described -> 'columns') with ordinality
    where not described ? 'determined' or described -> 'determined' ? (value ->> 'name');
    if pg_temp.dbt_pgtrickle_trial_apart(asked, held, determined) = 0 then
      answer := to_jsonb(determined);
      raise exception using errcode = 'PGT06', message = 'rolled back on purpose';
    end if;
    mirror := pg_temp.dbt_pgtrickle_trial_copy(described, (described ->> 'prefix') || '_mirror');
    -- what is the same in one other order by chance isn't in the next one
    for turn in 1..4 loop
      for place, relation in
        select ordinality - 1, value from jsonb_array_elements(mirror -> 'relations') with ordinality where value ->> 'target' is not null
      loop
        execute format('delete from %1$s; insert into %1$s (%2$s) select %2$s from %3$s order by %4$s', relation ->> 'target',
          relation ->> 'insertable', described -> 'relations' -> place ->> 'target', case turn when 1 then 'ctid desc' else 'random()' end);
        if relation ->> 'settle' is not null then
          execute relation ->> 'settle';
        end if;
      end loop;
      given := pg_temp.dbt_pgtrickle_trial_keep(described, 'given',
        pg_temp.dbt_pgtrickle_rename(described ->> 'asked', mirror -> 'names'));
      while pg_temp.dbt_pgtrickle_trial_apart(asked, given, determined) > 0 loop
        -- without the one that leaves the fewest rows apart
        select fewer into determined
        from unnest(determined) with ordinality as one (name, number)
        cross join lateral (select array_remove(determined, name) as fewer) as rest
        order by pg_temp.dbt_pgtrickle_trial_apart(asked, given, fewer), number desc limit 1;
      end loop;
    end loop;
    if cardinality(determined) < jsonb_array_length(described -> 'columns')
      and pg_temp.dbt_pgtrickle_trial_apart(asked, held, determined) = 0 then
      answer := to_jsonb(determined);
    end if;
    raise exception using errcode = 'PGT06', message = 'rolled back on purpose';
  exception
    when sqlstate 'PGT06' then null;
    when query_canceled then raise;
    -- of another type, or missing
    when others then return null;
  end;
  return answer;
end
  {%- endset -%}
  {%- set keep -%}
declare
  kept constant text := format('%I.%I', described ->> 'prefix', name);
begin
  execute format('drop table if exists %s', kept);
  perform pg_temp.dbt_pgtrickle_do(format('create table %s as select %s from (%s
) as query_result', kept, (select string_agg(value ->> 'term', ', ' order by ordinality)
    from jsonb_array_elements(described -> 'columns') with ordinality), query), described ->> 'path');
  return kept;
end
  {%- endset -%}
  {%- set apart -%}
declare
  columns constant text := (select string_agg(quote_ident(name), ', ') from unnest(names) as name);
  answer int;
begin
  -- no columns, no rows: which there are is undetermined
  if columns is null then
    return 0;
  end if;
  execute format('select count(*) from ((select %1$s from %2$s except all select %1$s from %3$s) '
    'union all (select %1$s from %3$s except all select %1$s from %2$s)) as different', columns, one, other) into answer;
  return answer;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_keep(described jsonb, name text, query text)', 'text', 'plpgsql', keep) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_apart(one text, other text, names text[])', 'int', 'plpgsql', apart) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_determined(described jsonb)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
