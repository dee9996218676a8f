{#- pg_temp.dbt_pgtrickle_flat(query text): a query with its views written out over the tables under them, however these
    views are written, in spellings that pg_trickle keeps right more often. Each is proven to mean the same, by
    PostgreSQL's plan and its columns' types, or made of such a one by a rule of SQL. What is made on the way is rolled back; no data is
    read. Also makes the functions it calls. Pure, for dbt and the tasks alike.
    Gives {candidates: [text], best first, which may be none, query: the first of them where a view is written out, else null, views:
    ["schema.name"] that are written out, those under them too, kept: [{view, reason}], reads: ["schema.name"] that the first candidate
    reads itself, spellings: candidates, each also made explicit (pgtrickle__explicit_function, pgtrickle__grouped_function,
    pgtrickle__arms_function) and with the columns of stream tables in subqueries, with NOT EXISTS (pgtrickle__anti_joined_function), with
    plain names (pgtrickle__plain_names_function), one without DISTINCT (pgtrickle__deduplicated_function), and the query itself in the
    order in which they are to be tried: where views are written out, the stream table is bound to tables instead, so these go first; else
    the query's own text does}, or {error}: what PostgreSQL says against the query. -#}
{% macro pgtrickle__flat_function() -%}
  {%- set body -%}
declare
  over record;
  subqueries text;
  ctes text;
  flattest text;
  meaning text;
  candidate text;
  candidates jsonb := '[]';
  tables jsonb;
  result jsonb;
begin
  begin
    select * into over from pg_temp.dbt_pgtrickle_stand_ins(query, '{}');
    -- the nearest to the query's own text: what the others have to prove equal to
    subqueries := pg_temp.dbt_pgtrickle_as_subqueries(over.spelt, over.known);
    meaning := pg_temp.dbt_pgtrickle_meaning(pg_temp.dbt_pgtrickle_temporary(subqueries));
    select jsonb_agg(jsonb_build_object('schema', nspname, 'name', relname)) into tables
    from pg_temp.dbt_pgtrickle_reads(pg_temp.dbt_pgtrickle_temporary(query)) as read
    join pg_class on pg_class.oid = read.oid and relkind = 'r'
    join pg_namespace on pg_namespace.oid = relnamespace;
    ctes := pg_temp.dbt_pgtrickle_as_ctes(over.spelt, over.known, true);
    flattest := pg_temp.dbt_pgtrickle_over_tables(over.spelt, over.known);
    foreach candidate in array array[
      pg_temp.dbt_pgtrickle_inlined(flattest), flattest,
      -- no star: 0.67.0 looks for a column of that name ("sub.*")
      pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(coalesce(
        pg_temp.dbt_pgtrickle_visible(ctes, tables) #>> '{}', ctes))), subqueries
    ] loop
      begin
        candidate := pg_temp.dbt_pgtrickle_lists(candidate);
        if candidate <> query and not candidates ? candidate
          and pg_temp.dbt_pgtrickle_meaning(pg_temp.dbt_pgtrickle_temporary(candidate)) = meaning then
          candidates := candidates || to_jsonb(candidate);
        end if;
      exception
        when query_canceled then raise;
        when others then null;
      end;
    end loop;
    candidates := coalesce(to_jsonb(pg_temp.dbt_pgtrickle_lists(pg_temp.dbt_pgtrickle_selected(candidates ->> 0))), '[]') || candidates;
    select jsonb_build_object(
      'candidates', candidates,
      'distinct', pg_temp.dbt_pgtrickle_distinct(coalesce(flattest, subqueries), tables),
      'deduplicated', deduplicated,
      'anti_joined', pg_temp.dbt_pgtrickle_anti_joined(own_words),
      'plain_names', pg_temp.dbt_pgtrickle_plain_names(own_words),
      'first_rows', first_rows,
      'looked_up', pg_temp.dbt_pgtrickle_looked_up(own_words),
      -- of a FILTER it knows nothing
      'groups_apart', coalesce(pg_temp.dbt_pgtrickle_groups_apart(own_words),
        pg_temp.dbt_pgtrickle_groups_apart(pg_temp.dbt_pgtrickle_explicit(own_words))),
      'keyed', coalesce(pg_temp.dbt_pgtrickle_keyed(coalesce(joined_tables, first_rows, own_words)), joined_tables),
      'windowed', pg_temp.dbt_pgtrickle_windowed(own_words),
      'query', case when count(view) > 0 then candidates -> 0 end,
      'views', coalesce(jsonb_agg(name order by name) filter (where view is not null), '[]'),
      'kept', coalesce(jsonb_agg(jsonb_build_object('view', name, 'reason', reason) order by name) filter (where reason is not null), '[]'),
      'reads', (
        select coalesce(jsonb_agg(name order by name), '[]')
        from pg_temp.dbt_pgtrickle_reads(pg_temp.dbt_pgtrickle_temporary(coalesce(candidates ->> 0, query)))
        where depth = 1))
    into result
    from pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(coalesce(candidates ->> 0, query))) as own_words
    cross join lateral (select pg_temp.dbt_pgtrickle_deduplicated(own_words) as deduplicated) as without_distinct
    cross join lateral (select pg_temp.dbt_pgtrickle_first_rows(case when deduplicated is null then own_words
      else pg_temp.dbt_pgtrickle_words(pg_temp.dbt_pgtrickle_temporary(deduplicated)) end) as first_rows) as without_numbers
    cross join lateral (select pg_temp.dbt_pgtrickle_joined_tables(coalesce(first_rows, own_words)) as joined_tables) as without_subqueries
    left join jsonb_each(over.known) as known (name, entry) on true
    left join jsonb_to_record(entry) as facts (view text, reason text) on true
    group by own_words, deduplicated, first_rows, joined_tables;
    -- what is made of PostgreSQL's own words has its arrays
    select result || coalesce(jsonb_object_agg(key, pg_temp.dbt_pgtrickle_lists(value #>> '{}')), '{}') into result
    from jsonb_each(result) where jsonb_typeof(value) = 'string';
    raise sqlstate 'PGT00';
  exception
    when sqlstate 'PGT00' then null;
    when query_canceled then raise;
    when others then result := jsonb_build_object('error', sqlerrm);
  end;
  if result ? 'error' then
    return result;
  end if;
  -- a sum is kept wrong in all of them, or in none; 0.67.0 keeps groups of a stream table's columns in a subquery, not of the stream table
  select jsonb_agg(spelling order by place, apart, explicit) into candidates
  from (
    select distinct on (spelling) spelling, place, apart, explicit
    from jsonb_array_elements_text(candidates || to_jsonb(array_remove(array[result ->> 'anti_joined', result ->> 'plain_names',
      result ->> 'first_rows', result ->> 'groups_apart', result ->> 'looked_up'], null)))
      with ordinality as written (merged, place)
    cross join lateral (
      select false, merged
      union all
      select true, visible from (select pg_temp.dbt_pgtrickle_visible(merged, tables) #>> '{}' as visible) as seen where visible <> merged
    ) as sources (apart, written_out)
    cross join lateral (select coalesce(pg_temp.dbt_pgtrickle_arms(written_out), written_out) as words) as alike
    cross join lateral (select pg_temp.dbt_pgtrickle_grouped(words) as grouped) as by
    cross join lateral (values
      (1, words),
      (2, coalesce(pg_temp.dbt_pgtrickle_explicit(coalesce(grouped, words)), grouped)),
      (3, pg_temp.dbt_pgtrickle_explicit(coalesce(grouped, words), true))
    ) as forms (explicit, spelling)
    where spelling is not null
    order by spelling, place, apart, explicit
  ) as different;
  candidates := coalesce(candidates, '[]') || coalesce(to_jsonb(result ->> 'distinct'), '[]')
    || coalesce(to_jsonb(result ->> 'deduplicated'), '[]');
  -- last of all what has more columns than were asked for
  return result || jsonb_build_object('spellings', case when result -> 'views' <> '[]'
    then candidates || to_jsonb(query) else jsonb_build_array(query) || candidates end
    || to_jsonb(array_remove(array[result ->> 'keyed', result ->> 'windowed'], null)));
end
  {%- endset -%}
  {%- set in_time -%}
declare
  began constant timestamptz := clock_timestamp();
  allowed constant interval := current_setting('statement_timeout');
begin
  return pg_temp.dbt_pgtrickle_flat(query);
exception when query_canceled then
  -- somebody else's cancel is theirs
  if clock_timestamp() < began + 0.9 * allowed then raise; end if;
  return jsonb_build_object('error', 'time was up');
end
  {%- endset -%}
{{ pgtrickle__rename_function() }}
{{ pgtrickle__temporary_function() }}
{{ pgtrickle__words_function() }}
{{ pgtrickle__reads_function() }}
{{ pgtrickle__with_function() }}
{{ pgtrickle__visible_function() }}
{{ pgtrickle__inlined_function() }}
{{ pgtrickle__plan_function() }}
{{ pgtrickle__meaning_function() }}
{{ pgtrickle__obstacle_function() }}
{{ pgtrickle__lists_function() }}
{{ pgtrickle__scan_function() }}
{{ pgtrickle__select_function() }}
{{ pgtrickle__flat_form_function() }}
{{ pgtrickle__stand_in_function() }}
{{ pgtrickle__stand_ins_function() }}
{{ pgtrickle__as_subqueries_function() }}
{{ pgtrickle__as_ctes_function() }}
{{ pgtrickle__passed_on_function() }}
{{ pgtrickle__pulled_up_function() }}
{{ pgtrickle__canonical_function() }}
{{ pgtrickle__column_function() }}
{{ pgtrickle__uses_function() }}
{{ pgtrickle__usings_function() }}
{{ pgtrickle__conditions_function() }}
{{ pgtrickle__merged_function() }}
{{ pgtrickle__projection_function() }}
{{ pgtrickle__over_tables_function() }}
{{ pgtrickle__explicit_function() }}
{{ pgtrickle__grouped_function() }}
{{ pgtrickle__arms_function() }}
{{ pgtrickle__distinct_function() }}
{{ pgtrickle__deduplicated_function() }}
{{ pgtrickle__selected_function() }}
{{ pgtrickle__anti_joined_function() }}
{{ pgtrickle__plain_names_function() }}
{{ pgtrickle__sources_function() }}
{{ pgtrickle__joined_tables_function() }}
{{ pgtrickle__groups_apart_function() }}
{{ pgtrickle__looked_up_function() }}
{{ pgtrickle__first_rows_function() }}
{{ pgtrickle__keyed_function() }}
{{ pgtrickle__windowed_function() }}
create or replace function pg_temp.dbt_pgtrickle_flat(query text)
returns jsonb
language plpgsql as {{ pgtrickle__literal(body) }};
create or replace function pg_temp.dbt_pgtrickle_flat_in_time(query text)
returns jsonb
language plpgsql as {{ pgtrickle__literal(in_time) }};
{%- endmacro %}
