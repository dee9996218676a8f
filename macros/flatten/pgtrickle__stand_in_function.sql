{#- pg_temp.dbt_pgtrickle_stand_in(relation regclass, inout known jsonb, out entry jsonb): a temporary view, over tables alone, that
    means what a view does.
    known: of dbt_pgtrickle_stand_ins. Gives {view: the temporary one, scan: of dbt_pgtrickle_scan or null, text: its query}, or
    {reason} why it can't be. -#}
{% macro pgtrickle__stand_in_function() -%}
  {%- set body -%}
declare
  reason text := pg_temp.dbt_pgtrickle_obstacle(relation);
  flat record;
  spelt text;
  view regclass;
  bare regclass;
begin
  if reason is not null then
    entry := jsonb_build_object('reason', reason);
    return;
  end if;
  select * into flat from pg_temp.dbt_pgtrickle_flat_form(relation);
  if flat.view is not null then
    entry := jsonb_build_object('view', flat.view, 'scan', flat.scan, 'text', pg_temp.dbt_pgtrickle_select(flat.scan));
    return;
  end if;
  select s.known, s.spelt into known, spelt from pg_temp.dbt_pgtrickle_stand_ins(pg_temp.dbt_pgtrickle_words(relation), known) as s;
  view := pg_temp.dbt_pgtrickle_temporary(spelt);
  -- a subquery with a WITH stays a subquery in a plan
  bare := pg_temp.dbt_pgtrickle_temporary(pg_temp.dbt_pgtrickle_inlined(spelt));
  if pg_temp.dbt_pgtrickle_meaning(view) = pg_temp.dbt_pgtrickle_meaning(bare) then
    view := bare;
  end if;
  entry := jsonb_build_object('view', view, 'text', spelt);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_stand_in(relation regclass, inout known jsonb, out entry jsonb)
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
