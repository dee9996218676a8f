{#- What other stream tables on the same tables change. 0.67.0 captures the columns that its stream tables are known to read, and drops an
    update of others only: where it overlooks a column of a query, that is wrong as soon as another one has the column captured.
    described: of dbt_pgtrickle_trial_round.
    pg_temp.dbt_pgtrickle_trial_overlooks(described jsonb): whether the extension's account of what the subject reads lacks a column.
    pg_temp.dbt_pgtrickle_trial_company(described jsonb, prefix text): makes a stream table of all columns of each table with a key.
    pg_temp.dbt_pgtrickle_trial_reader(described jsonb, prefix text): makes a stream table that reads the subject, whose changes are kept
    for it then: 0.67.0 fails at each of them where a table under the subject has no key (42P10). Gives described, with `reader` where it
    could. pg_temp.dbt_pgtrickle_trial_drop(described jsonb): drops the subject, and its reader before. -#}
{% macro pgtrickle__trial_company_functions() -%}
  {%- set overlooks -%}
select exists (
  select from pgtrickle.pgt_stream_tables s
  join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
  join jsonb_array_elements(described -> 'relations') as relation on d.source_relid = to_regclass(relation ->> 'copy')
  cross join jsonb_array_elements(relation -> 'columns') as col
  where s.pgt_relid = to_regclass(described ->> 'subject') and (col ->> 'named')::boolean
    and jsonb_typeof(to_jsonb(d) -> 'columns_used') = 'array' and not to_jsonb(d) -> 'columns_used' ? (col ->> 'name')
)
  {%- endset -%}
  {%- set company -%}
declare
  source record;
begin
  for source in
    select value ->> 'target' as name, row_number() over () as number,
      (select string_agg(quote_ident(listed ->> 'name'), ', ') from jsonb_array_elements(value -> 'columns') as listed) as columns
    from jsonb_array_elements(described -> 'relations')
    where value ->> 'target' is not null and value -> 'keys' -> 0 is not null
  loop
    begin
      perform pg_temp.dbt_pgtrickle_trial_create(described || jsonb_build_object(
        'subject', format('%I.%I', prefix, 'company_' || source.number), 'create', null, 'query',
          format('select %s from %s', source.columns, source.name)));
    exception
      when query_canceled then raise;
      -- what can't be had can't be in the way
      when others then null;
    end;
  end loop;
end
  {%- endset -%}
  {%- set reader -%}
begin
  perform pg_temp.dbt_pgtrickle_trial_create(described || jsonb_build_object('subject', prefix || '.reader', 'create', null, 'mode',
    'DIFFERENTIAL', 'query', format('select %s from %s', (
      select string_agg(quote_ident(value ->> 'name'), ', ') from jsonb_array_elements(described -> 'columns')), described ->> 'subject')));
  return described || jsonb_build_object('reader', prefix || '.reader');
exception
  when query_canceled then raise;
  -- which is a reader's own trouble
  when others then return described;
end
  {%- endset -%}
  {%- set drop -%}
declare
  name text;
begin
  foreach name in array array_remove(array[described ->> 'reader', described ->> 'subject'], null) loop
    perform pg_temp.dbt_pgtrickle_do(format('select pgtrickle.drop_stream_table(%L)', name), described ->> 'path');
  end loop;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_reader(described jsonb, prefix text)', 'jsonb', 'plpgsql', reader) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_drop(described jsonb)', 'void', 'plpgsql', drop) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_overlooks(described jsonb)', 'boolean', 'sql', overlooks) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_company(described jsonb, prefix text)', 'void', 'plpgsql', company) }}
{%- endmacro %}
