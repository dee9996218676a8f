{#- pg_temp.dbt_pgtrickle_trial_sample(relation jsonb, joins jsonb, sampled jsonb, joined jsonb, row_limit int): rows of a relation for a
    trial, first those that are given, then those that join rows which were already taken; of a big table, out of its first 20,000 rows.
    relation, joins: as in dbt_pgtrickle_trial_sources; sampled: {relation's name: [row]}; joined: [row] or null. Gives [row]. -#}
{% macro pgtrickle__trial_sample_function() -%}
  {%- set body -%}
declare
  terms text := '0::int';
  columns text;
  pair record;
  rows jsonb;
begin
  select string_agg(quote_ident(value ->> 'name'), ', ' order by ordinality) into columns
  from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null;
  for pair in
    select mine, (
      select array_agg(distinct value ->> theirs) from jsonb_array_elements(sampled -> other) where value ->> theirs is not null
    ) as known
    from (
      select value ->> 1 as mine, value ->> 2 as other, value ->> 3 as theirs from jsonb_array_elements(joins)
        where value ->> 0 = relation ->> 'name'
      union
      select value ->> 3, value ->> 0, value ->> 1 from jsonb_array_elements(joins) where value ->> 2 = relation ->> 'name'
    ) as joined
    where sampled ? other and exists (select from jsonb_array_elements(relation -> 'columns') c where c.value ->> 'name' = mine)
  loop
    terms := terms || format(' + coalesce(%I::text = any (%L::text[]), false)::int', pair.mine, coalesce(pair.known, '{}'));
  end loop;
  execute format('select jsonb_agg(to_jsonb(taken)) from (select %1$s from (select %1$s from %2$I.%3$I limit 20000) as first order by '
    '%4$s desc limit %5$s) as taken',
    columns, relation ->> 'schema', relation ->> 'table', terms, row_limit) into rows;
  return (
    select coalesce(jsonb_agg(row order by place), '[]')
    from (
      select row, min(place) as place
      from (
        select value as row, ordinality as place from jsonb_array_elements(joined) with ordinality
        union all
        select value, row_limit + ordinality from jsonb_array_elements(rows) with ordinality
      ) as taken
      group by row order by min(place) limit row_limit
    ) as distinct_rows);
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_sample(relation jsonb, joins jsonb, sampled jsonb, joined jsonb, row_limit int)',
    'jsonb', 'plpgsql', body) }}
{%- endmacro %}
