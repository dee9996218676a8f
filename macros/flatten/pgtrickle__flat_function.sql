{#- pg_temp.dbt_pgtrickle_flat(query text): a query with its views written out over the tables under them, however these
    views are written, in spellings that pg_trickle keeps right more often; each is proven to mean the same, by
    PostgreSQL's plan and its columns' types. What is made on the way is rolled back; no data is read. Pure.
    Gives {query: the first of candidates, null where no view is written out; candidates: [text], best first,
    views: ["schema.name"] that are written out, kept: [{view, reason}], reads: ["schema.name"] that the first candidate
    reads itself}, or {error}: what PostgreSQL says against the query. -#}
{% macro pgtrickle__flat_function() -%}
  {%- set body -%}
declare
  original regclass;
  over record;
  spellings text[];
  plain regclass;
  candidate text;
  candidates jsonb := '[]';
  result jsonb;
begin
  begin
    original := pg_temp.dbt_pgtrickle_temporary(query);
    select * into over from pg_temp.dbt_pgtrickle_stand_ins(query, '{}');
    spellings := array(select pg_temp.dbt_pgtrickle_spellings(over.spelt, over.known));
    plain := pg_temp.dbt_pgtrickle_temporary(spellings[cardinality(spellings)]);
    foreach candidate in array spellings loop
      begin
        if candidate <> query and not candidates ? candidate and pg_temp.dbt_pgtrickle_alike(plain, pg_temp.dbt_pgtrickle_temporary(candidate)) then
          candidates := candidates || to_jsonb(candidate);
        end if;
      exception
        when query_canceled then raise;
        when others then raise notice '% %', sqlerrm, candidate;
      end;
    end loop;
    result := jsonb_build_object(
      'candidates', candidates,
      'views', (select coalesce(jsonb_agg(key) filter (where value ? 'view'), '[]') from jsonb_each(over.known)),
      'kept', (select coalesce(jsonb_agg(jsonb_build_object('view', key, 'reason', value -> 'reason')) filter (where value ? 'reason'), '[]') from jsonb_each(over.known)),
      'reads', (
        select jsonb_agg(name order by name)
        from pg_temp.dbt_pgtrickle_reads(pg_temp.dbt_pgtrickle_temporary(coalesce(candidates ->> 0, query)))));
    raise sqlstate 'PGT00';
  exception
    when sqlstate 'PGT00' then null;
    when query_canceled then raise;
    when others then result := jsonb_build_object('error', sqlerrm);
  end;
  return result;
end
  {%- endset -%}
{{ pgtrickle__rename_function() }}
{{ pgtrickle__temporary_function() }}
{{ pgtrickle__words_function() }}
{{ pgtrickle__reads_function() }}
{{ pgtrickle__plan_function() }}
{{ pgtrickle__alike_function() }}
{{ pgtrickle__obstacle_function() }}
{{ pgtrickle__lists_function() }}
{{ pgtrickle__scan_function() }}
{{ pgtrickle__select_function() }}
{{ pgtrickle__flat_form_function() }}
{{ pgtrickle__stand_ins_function() }}
{{ pgtrickle__written_out_function() }}
{{ pgtrickle__with_function() }}
{{ pgtrickle__pulled_up_function() }}
{{ pgtrickle__canonical_function() }}
{{ pgtrickle__merged_function() }}
{{ pgtrickle__projection_function() }}
{{ pgtrickle__spellings_function() }}
create or replace function pg_temp.dbt_pgtrickle_flat(query text)
returns jsonb
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
