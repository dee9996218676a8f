{#- What other stream tables on the same tables change. 0.67.0 captures the columns that its stream tables are known to read, and drops an
    update of others only: where it overlooks a column of a query, that is wrong as soon as another one has the column captured.
    described: of dbt_pgtrickle_trial_round.
    pg_temp.dbt_pgtrickle_trial_overlooks(described jsonb): whether the extension's account of what the subject reads lacks a column.
    pg_temp.dbt_pgtrickle_trial_company(described jsonb, prefix text): makes a stream table of all columns of each table with a key. -#}
{% macro pgtrickle__trial_company_functions() -%}
  {%- set overlooks -%}
declare
  subject constant regclass := (described ->> 'subject')::regclass;
  found boolean;
begin
  if described ->> 'path' is not null then
    perform set_config('search_path', described ->> 'path', true);
  end if;
  execute 'create temporary view dbt_pgtrickle_whole as ' || (described ->> 'query');
  perform set_config('search_path', 'pg_catalog, pg_temp', true);
  with recursive used as (
    select d.refobjid as oid, d.refobjsubid as number, c.relkind
    from pg_rewrite r
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = 'pg_temp.dbt_pgtrickle_whole'::regclass
    union
    select d.refobjid, d.refobjsubid, c.relkind
    from used
    join pg_rewrite r on r.ev_class = used.oid and used.relkind = 'v'
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    join pg_class c on c.oid = d.refobjid
  )
  select exists (
    select from pgtrickle.pgt_stream_tables s
    join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
    join used on used.oid = d.source_relid and number > 0
    join pg_attribute a on a.attrelid = used.oid and attnum = number
    where s.pgt_relid = subject and jsonb_typeof(to_jsonb(d) -> 'columns_used') = 'array' and not to_jsonb(d) -> 'columns_used' ? attname
  ) into found;
  drop view pg_temp.dbt_pgtrickle_whole;
  return found;
end
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
        'subject', format('%I.%I', prefix, 'company_' || source.number), 'create', null, 'query', format('select %s from %s', source.columns, source.name)));
    exception
      when query_canceled then raise;
      -- what can't be had can't be in the way
      when others then null;
    end;
  end loop;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_overlooks(described jsonb)', 'boolean', 'plpgsql', overlooks) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_company(described jsonb, prefix text)', 'void', 'plpgsql', company) }}
{%- endmacro %}
