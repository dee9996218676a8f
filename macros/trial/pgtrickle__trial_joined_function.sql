{#- pg_temp.dbt_pgtrickle_trial_joined(plan jsonb, row_limit int): rows that the query really puts together, found by PostgreSQL itself:
    its scans and every condition of its plan that can be asked of them alone, over the first 20,000 rows of each.
    plan: EXPLAIN (VERBOSE, FORMAT JSON) of the query. Gives {joined: {relation: [row]}, at most two thirds of row_limit of each,
    conditions: [{name: relation, alias, column, condition}]: those on one column alone}. -#}
{% macro pgtrickle__trial_joined_function() -%}
  {%- set body -%}
declare
  scans jsonb;
  sources text;
  condition text;
  conditions text[] := '{}';
  rows jsonb;
  single jsonb;
begin
  select jsonb_agg(distinct jsonb_build_object('alias', node ->> 'Alias', 'name', (node ->> 'Schema') || '.' || (node ->> 'Relation Name'),
    'table', format('%I.%I', node ->> 'Schema', node ->> 'Relation Name')))
  into scans
  from jsonb_path_query(plan, 'strict $.**') as node
  where jsonb_typeof(node) = 'object' and node ? 'Relation Name';
  if scans is null then
    return '{"joined": {}, "conditions": []}';
  end if;
  select string_agg(format('(select * from %s limit 20000) as %I', value ->> 'table', value ->> 'alias'), ', ') into sources
    from jsonb_array_elements(scans);

  -- each part of an AND by itself, since one that can't be asked (of an aggregate, a subquery) mustn't take the others along
  for condition in
    select distinct part
    from jsonb_path_query(plan, 'strict $.**') as node
    cross join lateral jsonb_each_text(node) as property (key, value)
    cross join lateral (
      select value as part where value !~ ' AND '
      union all
      select pg_temp.dbt_pgtrickle_trial_balanced(piece) from regexp_split_to_table(value, ' AND ') as piece where value ~ ' AND '
    ) as parts
    where jsonb_typeof(node) = 'object' and key in ('Filter', 'Hash Cond', 'Merge Cond', 'Join Filter')
  loop
    begin
      execute format('explain select from %s where %s', sources, condition);
      conditions := conditions || condition;
    exception when others then null;
    end;
  end loop;

  select coalesce(jsonb_agg(jsonb_build_object('name', scan ->> 'name', 'alias', scan ->> 'alias', 'column', columns[1], 'condition',
    asked)), '[]')
  into single
  from unnest(conditions) as asked
  cross join jsonb_array_elements(scans) as scan
  cross join lateral (
    select array_agg(distinct trim('"' from seen[2])) as columns, bool_and(trim('"' from seen[1]) = scan ->> 'alias') as alone
    from regexp_matches(regexp_replace(asked, '''(?:[^'']|'''')*''', '', 'g'), '(\w+|"[^"]+")\.(\w+|"[^"]+")', 'g') as seen
  ) as mentioned
  where alone and cardinality(columns) = 1;

  begin
    if exists (
      -- without a join each row of one would meet each of the other
      select from jsonb_array_elements(scans) as scan
      where jsonb_array_length(scans) > 1
        and not exists (select from unnest(conditions) as asked where asked ~ (' = ') and asked ~ ('\m' || (scan ->> 'alias') || '"?\.')
          and asked not in (select value ->> 'condition' from jsonb_array_elements(single)))
    ) then
      return jsonb_build_object('joined', '{}'::jsonb, 'conditions', single);
    end if;
    execute format('select jsonb_agg(met) from (select jsonb_build_object(%s) as met from %s %s limit %s) as seen',
      (select string_agg(format('%L, to_jsonb(%I)', value ->> 'alias', value ->> 'alias'), ', ') from jsonb_array_elements(scans)),
      sources, 'where ' || nullif(array_to_string(conditions, ' and '), ''), greatest(1, row_limit * 2 / 3)) into rows;
  exception
    when query_canceled then raise;
    when others then rows := null;
  end;
  return jsonb_build_object('conditions', single, 'joined', (
    select coalesce(jsonb_object_agg(name, seen), '{}')
    from (
      select scan ->> 'name' as name, jsonb_agg(distinct met -> (scan ->> 'alias')) as seen
      from jsonb_array_elements(scans) as scan cross join jsonb_array_elements(rows) as met group by 1
    ) as taken));
end
  {%- endset -%}
  {%- set balanced -%}
select case
  when opened > closed then regexp_replace(piece, '^\s*\({' || (opened - closed) || '}', '')
  when closed > opened then regexp_replace(piece, '\){' || (closed - opened) || '}\s*$', '')
  else piece end
from (
  select regexp_count(code, '\(') as opened, regexp_count(code, '\)') as closed
  from regexp_replace(piece, '''(?:[^'']|'''')*''', '', 'g') as code
) as counted
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_balanced(piece text)', 'text', 'sql', balanced) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_joined(plan jsonb, row_limit int)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
