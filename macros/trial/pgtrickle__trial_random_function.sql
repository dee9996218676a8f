{#- pg_temp.dbt_pgtrickle_trial_random(described jsonb, rounds int, seed int): random changes, for who wants to look longer than the
    systematic ones do; each round up to six statements of a few rows in random tables. The same seed gives the same changes.
    described: from dbt_pgtrickle_trial_fill. Gives (words, statements) like dbt_pgtrickle_trial_rounds. -#}
{% macro pgtrickle__trial_random_function() -%}
  {%- set body -%}
declare
  number int;
  relation jsonb;
  column_ jsonb;
  chosen jsonb;
  few text;
begin
  if rounds = 0 then return; end if;
  perform setseed(seed / 1000000.0);
  for number in 1..rounds loop
    statements := '{}';
    for few in select null from generate_series(1, 1 + floor(random() * 6)::int) loop
      select value into relation from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null
        order by random() limit 1;
      select value into column_ from jsonb_array_elements(relation -> 'columns')
      where value ->> 'generated' is null and (value ->> 'used')::boolean and not coalesce(relation -> 'keys' -> 0 ? (value ->> 'name'),
        false)
      order by random() limit 1;
      select value into chosen from jsonb_array_elements(relation -> 'columns')
      where coalesce(relation -> 'keys' -> 0 ? (value ->> 'name'), false) and pg_temp.dbt_pgtrickle_trial_fresh(value, 1) is not null
        order by random() limit 1;
      few := format('(select ctid from %s order by md5(ctid::text || %L) limit least({n}, %s))', relation ->> 'target', random(),
        1 + floor(random() * 3)::int);
      statements := statements || case
        when random() < 0.25 then format('insert into %1$s (%2$s) select %3$s from %1$s where ctid in %4$s on conflict do nothing',
          relation ->> 'target', relation ->> 'insertable', (
            select string_agg(case
              when coalesce(relation -> 'keys' -> 0 ? (value ->> 'name'), false)
                then format('coalesce(pg_temp.dbt_pgtrickle_trial_fresh(%L, %s + (row_number() over ())::int)::%s, %I)',
                value, 600 + floor(random() * 4000)::int, value ->> 'type', value ->> 'name')
              when jsonb_array_length(value -> 'pool') > 0 and random() < 0.5
                then format('%L::%s', value -> 'pool' ->> floor(random() * jsonb_array_length(value -> 'pool'))::int, value ->> 'type')
              else quote_ident(value ->> 'name') end, ', ' order by ordinality)
            from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null), few)
        when random() < 0.25 then format('delete from %s where ctid in %s', relation ->> 'target', few)
        when random() < 0.15 and chosen is not null
          then format('update %1$s set %2$I = %3$L where ctid = (select min(ctid) from %1$s where ctid in %4$s)', relation ->> 'target',
          chosen ->> 'name',
          pg_temp.dbt_pgtrickle_trial_fresh(chosen, 600 + floor(random() * 4000)::int), few)
        when column_ is null then 'select'
        when random() < 0.3 and (column_ ->> 'nullable')::boolean then format('update %s set %I = null where ctid in %s',
          relation ->> 'target', column_ ->> 'name', few)
        when jsonb_array_length(column_ -> 'pool') > 0 then format('update %s set %I = %L where ctid in %s', relation ->> 'target',
          column_ ->> 'name',
          column_ -> 'pool' ->> floor(random() * jsonb_array_length(column_ -> 'pool'))::int, few)
        else 'select' end;
    end loop;
    words := format('random changes, round %s', number);
    return next;
  end loop;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_random(described jsonb, rounds int, seed int)', 'table (words text, statements text[])',
    'plpgsql', body) }}
{%- endmacro %}
