{#- pg_temp.dbt_pgtrickle_explicit(query text, thorough boolean): a query in PostgreSQL's own words with what pg_trickle 0.67.0 doesn't keep
    said otherwise (constructs.md): a sum, which is NULL where all its values are, stands beside their count; an
    average is one by the other; FILTER is a CASE; a cast to numeric(p, s) is round(); count(*) over a window is count(1). What an
    aggregate that is a part of an expression is of is named in WHERE too, where it changes nothing: 0.67.0 overlooks its columns else,
    and drops their updates once another stream table has them captured. By the rules of SQL that means the same. thorough: what a
    subquery takes the least or greatest of stands beside its count too: 0.67.0 can't join its groups else ("each EXCEPT query must have
    the same number of columns"). Null where there is nothing of it. Other windows, DISTINCT and ORDER BY in an aggregate, and what HAVING
    or ORDER BY compute, are left as they are. Relies on pg_temp.dbt_pgtrickle_tokens. -#}
{% macro pgtrickle__explicit_function() -%}
  {%- set body -%}
declare
  tokens text[];
  -- in lower case, '' where blank
  words text[];
  depths int[];
  scopes int[];
  clauses text[];
  -- the next word after each, and the one before
  next_ones int[];
  last_ones int[];
  place int;
  opening int;
  closing int;
  ending int;
  argument text;
  condition text;
  named jsonb := '{}';
  outermost int[];
  guarded boolean;
  expressed boolean;
  changed boolean := false;
begin
  select array_agg(token order by t.place), array_agg(case when blank then '' else lower(token) end order by t.place),
    array_agg(t.depth order by t.place), array_agg(t.scope order by t.place), array_agg(clause order by t.place)
  into tokens, words, depths, scopes, clauses
  from pg_temp.dbt_pgtrickle_tokens(query) as t;
  select array_agg(lead order by n), array_agg(lag order by n) into next_ones, last_ones from (
    -- frames that only grow: others are counted anew for each row
    select n, min(n) filter (where words[n] <> '') over (order by n desc rows between unbounded preceding and 1 preceding) as lead,
      max(n) filter (where words[n] <> '') over (order by n rows between unbounded preceding and 1 preceding) as lag
    from generate_subscripts(words, 1) as n) as neighbours;
  outermost := array(select scopes[n] from generate_subscripts(words, 1) as n where words[n] = 'select' and depths[n] = 0);
  -- from the end, so that what stands inside an argument comes first
  for place in reverse cardinality(tokens)..1 loop
    opening := next_ones[place];
    continue when words[place] not in ('sum', 'count', 'avg', 'min', 'max', 'bool_and', 'bool_or', 'every', 'stddev', 'stddev_samp',
      'stddev_pop', 'variance', 'var_samp', 'var_pop', 'numeric') or words[opening] is distinct from '(';
    closing := (select min(n) from generate_subscripts(tokens, 1) as n where n > opening and words[n] = ')'
      and depths[n] = depths[opening]);
    continue when closing is null;
    argument := array_to_string(tokens[opening + 1:closing - 1], '');
    if words[place] = 'numeric' then
      ending := last_ones[last_ones[last_ones[place]]];
      opening := (select max(n) from generate_subscripts(tokens, 1) as n where n < ending and words[n] = '('
        and depths[n] = depths[ending]);
      -- of a value in parentheses, which a call is not
      continue when words[last_ones[place]] is distinct from ':' or words[ending] is distinct from ')'
        or tokens[opening - 1] ~ '^[[:alnum:]_"]';
      tokens[opening] := 'round((';
      tokens[closing] := format(', %s)', coalesce(nullif(trim(split_part(argument, ',', 2)), ''), '0'));
      tokens[place + 1:closing - 1] := array_fill(''::text, array[closing - place - 1]);
      changed := true;
      continue;
    end if;
    continue when clauses[place] in ('having', 'order') or exists (
      select from generate_series(opening + 1, closing - 1) as n
      where depths[n] = depths[opening] + 1 and words[n] in ('distinct', 'order', ',', 'variadic'));
    condition := null;
    ending := closing;
    if words[next_ones[closing]] = 'filter' then
      opening := next_ones[next_ones[closing]];
      ending := (select min(n) from generate_subscripts(tokens, 1) as n where n > opening and words[n] = ')'
        and depths[n] = depths[opening]);
      condition := array_to_string(tokens[next_ones[opening] + 1:ending - 1], '');
    end if;
    if words[place] = 'count' and trim(argument) = '*' and words[next_ones[ending]] = 'over' and ending = closing then
      tokens[place] := 'count(1)';
      tokens[place + 1:closing] := array_fill(''::text, array[closing - place]);
      changed := true;
      continue;
    end if;
    guarded := words[place] in ('sum', 'avg') or thorough and words[place] in ('min', 'max', 'bool_and', 'bool_or')
      and scopes[place] <> all (outermost);
    -- a part of what is selected, and not all of it
    expressed := argument ~ '[^[:space:]*[:digit:]]' and (words[last_ones[place]] not in ('select', ',')
      or coalesce(words[next_ones[ending]], ',') not in (',', 'as', 'from', ';'));
    continue when words[next_ones[ending]] = 'over' or not guarded and not expressed and condition is null;
    changed := true;
    if condition is not null then
      argument := format('CASE WHEN %s THEN %s END', condition, case when trim(argument) = '*' then '1' else argument end);
    end if;
    if guarded or expressed then
      named := jsonb_set(named, array[scopes[place]::text], coalesce(named -> scopes[place]::text, '[]')
        || to_jsonb(format('((%1$s) IS NULL OR (%1$s) IS NOT NULL)', argument)));
    end if;
    continue when not guarded and condition is null;
    tokens[place] := case words[place]
      -- in quotes it is also no money and no time
      when 'sum' then format('(CASE WHEN count(%1$s) > 0 THEN sum(COALESCE(%1$s, ''0'')) END)', argument)
      when 'avg' then format('(sum(COALESCE(%1$s, ''0'')) / NULLIF(count(%1$s), 0)::numeric)', argument)
      else format(case when guarded then '(CASE WHEN count(%2$s) > 0 THEN %1$s(%2$s) END)' else '%s(%s)' end, words[place], argument) end;
    tokens[place + 1:ending] := array_fill(''::text, array[ending - place]);
  end loop;
  for place, condition in
    select key, (select string_agg(distinct one, ' AND ') from jsonb_array_elements_text(value) as one) from jsonb_each(named)
  loop
    closing := (select min(depths[n]) from generate_subscripts(words, 1) as n where scopes[n] = place and words[n] = 'from'
      and clauses[n] = 'from');
    opening := (select min(n) from generate_subscripts(words, 1) as n where scopes[n] = place and depths[n] = closing
      and words[n] = 'where');
    ending := (
      select max(n) from generate_subscripts(words, 1) as n
      where scopes[n] = place and depths[n] = closing and words[n] <> '' and clauses[n] = case when opening is null then 'from'
        else 'where' end);
    continue when ending is null;
    if opening is null then
      tokens[ending] := tokens[ending] || ' WHERE ' || condition;
    else
      tokens[opening] := tokens[opening] || ' (';
      tokens[ending] := tokens[ending] || ') AND ' || condition;
    end if;
  end loop;
  return case when changed then array_to_string(tokens, '') end;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_explicit(query text, thorough boolean default false)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
