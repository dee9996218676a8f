{#- pg_temp.dbt_pgtrickle_trial_remake(described jsonb): makes rows anew, only such that the query itself works on.
    pg_temp.dbt_pgtrickle_trial_fill(described jsonb): puts the sampled rows into the copies, and made ones where there are few, so that
    each table has at least eight; keeps what it put there beside them.
    described: from dbt_pgtrickle_trial_copy. Gives it with `pool` (values that it can take), `linked` (it joins others) and `asked` (a
    condition is on it) in each column, `kept` (the quoted name of what was put there) in each relation, and `notes`: what couldn't be
    filled. -#}
{% macro pgtrickle__trial_fill_function() -%}
  {%- set body -%}
declare
  few constant int := 8;
  relation jsonb;
  place int;
  held int;
  kept text;
  notes jsonb := '[]';
begin
  for relation in select value from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null loop
    begin
      execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_recordset(null::%1$s, %3$L) on conflict do nothing',
        relation ->> 'target', relation ->> 'insertable', relation ->> 'rows');
    exception when others then
      notes := notes || to_jsonb(format('the rows of %s can''t be copied: %s', relation ->> 'name', sqlerrm));
    end;
  end loop;
  for place, relation in
    select ordinality - 1, value from jsonb_array_elements(described -> 'relations') with ordinality where value ->> 'target' is not null
  loop
    relation := relation || jsonb_build_object('columns', (
      select jsonb_agg(value || pg_temp.dbt_pgtrickle_trial_column(described, relation, value) order by ordinality)
      from jsonb_array_elements(relation -> 'columns') with ordinality));
    select notes || coalesce(jsonb_agg(format('no value could be made for %s of %s (%s)', value ->> 'name', relation ->> 'name',
      value ->> 'type')), '[]') into notes
    from jsonb_array_elements(relation -> 'columns')
    where (value ->> 'used')::boolean and value ->> 'generated' is null and value -> 'pool' = '[]';
    execute format('select count(*) from %s', relation ->> 'target') into held;
    if held < few then
      perform pg_temp.dbt_pgtrickle_trial_make(relation, 1, few - held);
      execute format('select count(*) from %s', relation ->> 'target') into held;
      if held = 0 then
        notes := notes || to_jsonb(format('no row could be made for %s', relation ->> 'name'));
      end if;
    end if;
    if relation ->> 'settle' is not null then
      execute relation ->> 'settle';
    end if;
    kept := format('%I.%I', described ->> 'prefix', 'kept_' || place);
    execute format('create table %s as select * from %s', kept, relation ->> 'target');
    described := jsonb_set(described, array['relations', place::text], relation || jsonb_build_object('kept', kept));
  end loop;
  return described || jsonb_build_object('notes', notes);
end
  {%- endset -%}
  {%- set remake -%}
declare
  relation jsonb;
  number int;
begin
  for relation in select value from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null loop
    execute format('delete from %1$s; insert into %1$s (%2$s) select %2$s from jsonb_populate_recordset(null::%1$s, %3$L) on conflict do '
      'nothing',
      relation ->> 'target', relation ->> 'insertable', relation ->> 'rows');
  end loop;
  for number, relation in
    select n, value from jsonb_array_elements(described -> 'relations'), generate_series(1, 12) as n
    where value ->> 'target' is not null and jsonb_array_length(value -> 'rows') < 8 order by n
  loop
    begin
      perform pg_temp.dbt_pgtrickle_trial_make(relation, number, number);
      if not pg_temp.dbt_pgtrickle_trial_possible(described) then
        raise exception using errcode = 'PGT06', message = 'without this row';
      end if;
    exception when sqlstate 'PGT06' then null;
    end;
  end loop;
  for relation in select value from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null loop
    execute format('delete from %2$s; insert into %2$s select * from %1$s', relation ->> 'target', relation ->> 'kept');
    if relation ->> 'settle' is not null then
      execute relation ->> 'settle';
    end if;
  end loop;
end
  {%- endset -%}
  {%- set column -%}
declare
  have text[];
  known text[] := '{}';
  partner record;
  seen text[];
  pool text[];
  asked record;
  met boolean := false;
begin
  execute format('select array_agg(value) from (select distinct %1$I::text as value from %2$s where %1$I is not null order by 1 limit 8) '
    'as held',
    column_ ->> 'name', relation ->> 'target') into have;
  for partner in
    select r.value ->> 'target' as target, pair.theirs as name
    from (
      select value ->> 2 as other, value ->> 3 as theirs from jsonb_array_elements(described -> 'joins')
      where value ->> 0 = relation ->> 'name' and value ->> 1 = column_ ->> 'name'
      union
      select value ->> 0, value ->> 1 from jsonb_array_elements(described -> 'joins')
      where value ->> 2 = relation ->> 'name' and value ->> 3 = column_ ->> 'name'
    ) as pair
    join jsonb_array_elements(described -> 'relations') r on r.value ->> 'name' = pair.other and r.value ->> 'target' is not null
  loop
    execute format('select coalesce(array_agg(value), ''{}'') from (select distinct %1$I::text as value from %2$s where %1$I is not null '
      'order by 1 limit 5) as held',
      partner.name, partner.target) into seen;
    known := known || seen || array[pg_temp.dbt_pgtrickle_trial_fresh(column_, 1), pg_temp.dbt_pgtrickle_trial_fresh(column_, 2)];
  end loop;
  begin
    pool := pg_temp.dbt_pgtrickle_trial_pool(column_, described -> 'literals', array_remove(known, null) || coalesce(have, '{}'));
  exception when feature_not_supported then -- xml, where PostgreSQL was built without it
    pool := '{}';
  end;
  -- what meets the query's conditions comes first
  for asked in
    select value ->> 'alias' as alias, string_agg(value ->> 'condition', ' and ') as conditions
    from jsonb_array_elements(described -> 'conditions') where value ->> 'name' = relation ->> 'name'
      and value ->> 'column' = column_ ->> 'name' group by 1
  loop
    begin
      execute format('select array_agg(value order by met desc, place) from (
        select value, place, coalesce((select %s from (select value::%s as %I) as %I), false) as met from unnest(%L::text[]) with '
          'ordinality as listed (value, place)) as judged',
        asked.conditions, column_ ->> 'type', column_ ->> 'name', asked.alias, pool) into pool;
      met := true;
    exception when others then null;
    end;
  end loop;
  return jsonb_build_object('linked', cardinality(known) > 0, 'pool', pool, 'asked', met);
end
  {%- endset -%}
  {%- set make -%}
declare
  number int;
begin
  for number in first..last loop
    begin
      execute format('insert into %s (%s) values (%s) on conflict do nothing', relation ->> 'target', relation ->> 'insertable', (
        select string_agg(coalesce(quote_literal(case
            when (value ->> 'key')::boolean then coalesce(pg_temp.dbt_pgtrickle_trial_fresh(value, number),
              value -> 'pool' ->> (number % greatest(jsonb_array_length(value -> 'pool'), 1)))
            when (value ->> 'asked')::boolean and number % 3 <> 0 then value -> 'pool' ->> 0
            when (value ->> 'linked')::boolean and number < 3 then coalesce(pg_temp.dbt_pgtrickle_trial_fresh(value, number),
              value -> 'pool' ->> 0)
            when (value ->> 'nullable')::boolean and (number + ordinality) % 6 = 0 then null
            else value -> 'pool' ->> ((number * (1 + ordinality::int % 2) + number / 4 * (ordinality::int % 2)
              + ordinality::int) % greatest(jsonb_array_length(value -> 'pool'), 1))
          end), 'null') || '::' || (value ->> 'type'), ', ' order by ordinality)
        from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null));
    exception when others then null; -- one row fewer
    end;
  end loop;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_column(described jsonb, relation jsonb, column_ jsonb)', 'jsonb', 'plpgsql', column) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_make(relation jsonb, first int, last int)', 'void', 'plpgsql', make) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_remake(described jsonb)', 'void', 'plpgsql', remake) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_fill(described jsonb)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
