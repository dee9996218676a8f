{#- pg_temp.dbt_pgtrickle_trial_sources(query text, path text, options jsonb): what a trial has to know of a query.
    Reads in a subtransaction that is rolled back, so that no lock on a source outlives it.
    query: SQL; path: the search_path under which it is read; options: those of dbt_pgtrickle_trial.
    Gives {columns: [{name, type, typeid, term: how it is compared}], joins: [[relation, column, relation, column]], clock: what it reads
    of the time of day, hidden: what else it depends on whose changes the engine doesn't see, [{what, watched: whether the query reads
    it too}], literals: [text], subqueries: bool,
    collects: whether NULLs become elements, single: whether nothing stands beside
    another thing in a FROM, plain: whether nothing is grouped or sorted either, joined, conditions: from dbt_pgtrickle_trial_joined,
    relations: deepest first, [{name: schema.relation, schema, table, kind, given: read by the query itself, not by same_as alone,
    definition, partitioned, columns: [{name, type, typeid, category, nullable, generated, named: by the query or a view that it reads, and
    the result is made of it, used: that, or none is named, passed_on: whether it is selected as it is, and nothing else, key}],
    keys: [[column]], rows: [json]}]}. -#}
{% macro pgtrickle__trial_sources_function() -%}
  {#- as a plan writes them -#}
  {%- set name = '\\w+|"[^"]+"' -%}
  {%- set column = '(' ~ name ~ ')\\.(' ~ name ~ ')' -%}
  {%- set body -%}
declare
  asked constant text := coalesce(options ->> 'same_as', query);
  row_limit constant int := coalesce((options ->> 'rows')::int, 30);
  described jsonb;
  relation jsonb;
  sampled jsonb := '{}';
  plan jsonb;
  first jsonb;
  place int;
begin
  begin
    begin
      perform pg_temp.dbt_pgtrickle_do('create temporary view __dbt_pgtrickle_given as ' || query, path);
      perform pg_temp.dbt_pgtrickle_do('create temporary view __dbt_pgtrickle_tried as ' || asked, path);
    exception when others then
      raise exception using errcode = 'PGT01', message = sqlerrm;
    end;
    perform set_config('search_path', '', true);
    with recursive reached (oid, depth, given) as (
      values ('pg_temp.__dbt_pgtrickle_tried'::regclass::oid, 0, false), ('pg_temp.__dbt_pgtrickle_given'::regclass, 0, true)
      union
      select d.refobjid, reached.depth + 1, reached.given
      from reached
      join pg_rewrite r on r.ev_class = reached.oid
      join pg_class reader on reader.oid = reached.oid and reader.relkind = 'v'
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
      where reached.depth < 50
    ),
    relations as (
      select c.oid, c.relkind, c.relname, n.nspname, max(reached.depth) as depth, bool_or(reached.given) as given
      from reached join pg_class c on c.oid = reached.oid join pg_namespace n on n.oid = c.relnamespace
      where reached.depth > 0 and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
      group by c.oid, n.nspname
    ),
    stream_tables as (
      select pgt_relid as oid, coalesce(to_jsonb(s) ->> 'original_query', defining_query) as query from pgtrickle.pgt_stream_tables s
      union all
      select to_regclass(key), value from jsonb_each_text(coalesce(nullif(options -> 'pieces', 'null'), '{}'))
    ),
    assumed as (
      select oid, value as columns
      from relations join jsonb_each(coalesce(nullif(options -> 'keys', 'null'), '{}')) on key = nspname || '.' || relname
    ),
    dependencies as (
      select d.refobjid as oid, d.refobjsubid as attnum
      from reached join pg_rewrite r on r.ev_class = reached.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    ),
    anothers as (
      select used.objid as oid
      from pg_depend used
      left join pg_operator o on o.oid = used.refobjid and used.refclassid = 'pg_operator'::regclass
      join pg_proc called on called.oid = coalesce(o.oprcode::oid, used.refobjid)
        and used.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
      join pg_roles maker on maker.oid = called.proowner and not maker.rolsuper
      join pg_roles me on me.rolname = current_user and me.rolsuper
      where used.classid = 'pg_attrdef'::regclass
    ),
    rules as (
      -- without the fence every view of the database is read
      select action
      from reached cross join lateral (select ev_action::text as action from pg_rewrite where ev_class = reached.oid offset 0) as rule
    ),
    bodies as (
      select distinct f.oid, f.oid::regproc::text as name, seen[1] as read
      from reached join pg_rewrite r on r.ev_class = reached.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_proc'::regclass
      join pg_proc f on f.oid = d.refobjid and f.prokind = 'f'
      join pg_language l on l.oid = f.prolang and l.lanname in ('sql', 'plpgsql')
      cross join lateral regexp_matches(f.prosrc, '\m(?:from|join)\s+(?:only\s+)?((?:(?:\w+|"[^"]+")\.)?(?:\w+|"[^"]+"))', 'gi') as seen
      where not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = f.oid and e.deptype = 'e')
    ),
    texts as (
      select pg_get_viewdef(oid) as text from reached where (select relkind from pg_class where oid = reached.oid) = 'v'
      union all
      select pg_get_constraintdef(k.oid) from pg_constraint k join relations on relations.oid = k.conrelid where k.contype = 'c'
      union all
      select pg_get_constraintdef(k.oid) from pg_constraint k join pg_attribute a on a.atttypid = k.contypid join relations
        on relations.oid = a.attrelid
    )
    select jsonb_build_object(
      'columns', (
        select jsonb_agg(jsonb_build_object(
          'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeid', a.atttypid::bigint,
          'term', {{ pgtrickle__compared_term('quote_ident(a.attname)', 't', 'element') }}) order by a.attnum)
        from pg_attribute a
        join pg_type t on t.oid = a.atttypid
        join pg_type element on element.oid = case when t.typcategory = 'A' then t.typelem
          else coalesce(nullif(t.typbasetype, 0), t.oid) end
        where a.attrelid = 'pg_temp.__dbt_pgtrickle_tried'::regclass and a.attnum > 0),
      'subqueries', exists (select from rules where action like '%:hasSubLinks true%'),
      'collects', exists (select from texts where text ~ '\m(array_agg|jsonb?_(object_)?agg)\('),
      'single', not exists (
        select from rules where action like '%:hasSubLinks true%' or action ~ ':fromlist (?!\(\{RANGETBLREF :rtindex \d+\}\))'),
      'clock', (
        select max(matched[1]) from texts
        cross join lateral regexp_match(text,
          '(?:^|[^.\w"''])(now\(\)|CURRENT_DATE|CURRENT_TIME\M|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP'
          '|(?:clock|statement|transaction)_timestamp\(\)|age\([^,()]+\))') as matched),
      'bodies', (select jsonb_agg(jsonb_build_object('name', name, 'read', read)) from bodies),
      'inherited', (
        select string_agg(distinct format('%s, which inherits %s', i.inhrelid::regclass, relations.oid::regclass), '; ')
        from relations join pg_inherits i on i.inhparent = relations.oid where relkind = 'r'),
      'literals', (
        select coalesce(jsonb_agg(distinct literal), '[]')
        from texts
        cross join lateral (
          select replace(seen[1], '''''', '''') as literal from regexp_matches(text, '''((?:[^'']|'''')*)''', 'g') as seen
          union
          select seen[1] from regexp_matches(text, '(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])', 'g') as seen
        ) as seen
        where length(literal) < 100),
      'relations', (
        select jsonb_agg(jsonb_build_object(
          'name', nspname || '.' || relname, 'schema', nspname, 'table', relname, 'kind', relkind::text, 'given', given,
          'oid', relations.oid::bigint, 'rows', '[]'::jsonb,
          'definition', case when relkind = 'v' then rtrim(pg_get_viewdef(relations.oid), ';') end,
          'partitioned', case when relkind = 'p' then pg_get_partkeydef(relations.oid) end,
          'size', (select greatest(reltuples, 0) from pg_class where pg_class.oid = relations.oid),
          'stream_table', exists (select from stream_tables s where s.oid = relations.oid),
          'columns', (
            select jsonb_agg(jsonb_build_object(
              'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeid', a.atttypid::bigint,
              'collation', (select format('%I.%I', cn.nspname, k.collname) from pg_collation k join pg_namespace cn
                on cn.oid = k.collnamespace
                            where k.oid = a.attcollation and a.attcollation <> t.typcollation),
              'category', base.typcategory::text, 'base', base.typname,
                'nullable', not (a.attnotnull or t.typnotnull or exists (select from assumed k where k.oid = a.attrelid
                and k.columns ? a.attname)),
              -- on the copy it would run with this role's rights: where these are all there are, another's code is a column like others
              'generated', case when a.attgenerated <> '' and not exists (select from anothers where anothers.oid = d.oid) then
                format(' generated always as (%s) %s', pg_get_expr(d.adbin, d.adrelid), case a.attgenerated when 's' then 'stored'
                  else 'virtual' end) end,
              'key', exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))
                or exists (select from assumed k where k.oid = a.attrelid and k.columns ? a.attname),
              'named', uses.named, 'used', uses.named or not exists (select from dependencies u where u.oid = a.attrelid and u.attnum > 0))
                order by a.attnum)
            from pg_attribute a
            join pg_type t on t.oid = a.atttypid
            join pg_type base on base.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            cross join lateral (select exists (select from dependencies u where u.oid = a.attrelid
              and u.attnum = a.attnum) as named) as uses
            where a.attrelid = relations.oid and a.attnum > 0 and not a.attisdropped and not starts_with(a.attname, '__pgt_')),
          'keys', (
            select coalesce(jsonb_agg(i.columns order by i.indisprimary desc, i.indexrelid), '[]')
            from (
              select i.indexrelid, i.indisprimary, (
                select jsonb_agg(a.attname order by k.place)
                from unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                where k.place <= i.indnkeyatts) as columns
              from pg_index i
              where i.indrelid = relations.oid and i.indisunique and i.indexprs is null and i.indpred is null
                and not exists (select from stream_tables s where s.oid = relations.oid)
              union all
              select null, true, pg_temp.dbt_pgtrickle_proven_key(relations.oid, s.query, path)
              from stream_tables s where s.oid = relations.oid
              union all
              select null, true, k.columns from assumed k where k.oid = relations.oid
            ) as i
            where i.columns is not null)
        ) order by depth desc, nspname, relname)
        from relations)
    ) into described;
    if jsonb_typeof(described -> 'relations') is distinct from 'array' then
      raise exception using errcode = 'PGT01', message = 'it reads no table';
    end if;

    described := described || jsonb_build_object('hidden', pg_temp.dbt_pgtrickle_trial_hidden(described, path));
    -- conditions then stand at the scans
    perform set_config('enable_indexscan', 'off', true), set_config('enable_indexonlyscan', 'off', true),
      set_config('enable_bitmapscan', 'off', true);
    plan := pg_temp.dbt_pgtrickle_json('explain (verbose, format json, costs off) select * from pg_temp.__dbt_pgtrickle_tried', path);
    first := plan #> '{0,Plan}';
    -- what only gives columns other names
    while first ->> 'Node Type' = 'Subquery Scan' and not first ? 'Filter'
      and not exists (select from jsonb_array_elements_text(first -> 'Output') as term where term !~ '^{{ column }}$') loop
      first := first #> '{Plans,0}';
    end loop;
    described := described || jsonb_build_object(
      'plain', (described ->> 'single')::boolean and first ? 'Relation Name' and not first ? 'Plans',
      'joins', (
      with nodes as (
        select distinct node ->> 'Alias' as alias, (node ->> 'Schema') || '.' || (node ->> 'Relation Name') as name
        from jsonb_path_query(plan, 'strict $.**') as node
        where jsonb_typeof(node) = 'object' and node ? 'Relation Name'
      ),
      seen as (
        select distinct pair
        from jsonb_path_query(plan, 'strict $.**') as condition
        cross join lateral regexp_matches(condition #>> '{}',
          '{{ column }}\)?(?:::[\w ."]+(?:\(\d+\))?\)?)? = \(*{{ column }}', 'g') as pair
        where jsonb_typeof(condition) = 'string'
      )
      select coalesce(jsonb_agg(distinct jsonb_build_array(one.name, trim('"' from pair[2]), other.name, trim('"' from pair[4]))), '[]')
      from seen
      join nodes one on one.alias = trim('"' from pair[1])
      join nodes other on other.alias = trim('"' from pair[3])));

    described := jsonb_set(described, '{relations}', pg_temp.dbt_pgtrickle_trial_read(described -> 'relations', first));

    -- a join that the plan doesn't show by name, such as one with an aggregate, is guessed by kind
    described := jsonb_set(described, '{joins}', described -> 'joins' || (
      with columns as (
        select r.value ->> 'name' as name, c.value as col, r.value -> 'keys' -> 0 as key
        from jsonb_array_elements(described -> 'relations') r cross join jsonb_array_elements(r.value -> 'columns') c
        where r.value ->> 'kind' <> 'v'
      )
      select coalesce(jsonb_agg(jsonb_build_array(one.name, one.col ->> 'name', other.name, other.col ->> 'name')), '[]')
      from columns one
      join columns other on other.name <> one.name and other.key = jsonb_build_array(other.col ->> 'name')
        and other.col ->> 'category' = one.col ->> 'category' and other.col ->> 'category' in ('N', 'S', 'U')
      where one.col ->> 'name' ~* '(id|key|code|no|nr)$'
        and not exists (select from jsonb_array_elements(described -> 'joins') j where one.name in (j.value ->> 0, j.value ->> 2))));

    described := described || pg_temp.dbt_pgtrickle_trial_joined(plan, row_limit);
    -- the biggest first: a row of it leads to those of the others that it joins
    for place, relation in
      select ordinality - 1, value from jsonb_array_elements(described -> 'relations') with ordinality
      where value ->> 'kind' <> 'v' order by (value ->> 'size')::float8 desc, ordinality
    loop
      sampled := sampled || jsonb_build_object(relation ->> 'name',
        pg_temp.dbt_pgtrickle_trial_sample(relation, described -> 'joins', sampled, described -> 'joined' -> (relation ->> 'name'),
          row_limit));
      described := jsonb_set(described, array['relations', place::text, 'rows'], sampled -> (relation ->> 'name'));
    end loop;
    raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
  exception when sqlstate 'PGT00' then null;
  end;
  return described;
end
  {%- endset -%}
  {#- What a view selects of a table, and the query not of the view, changes nothing: the plan leaves it out, but for the list of a scan
      below a node that says itself which of it counts. -#}
  {%- set read -%}
with recursive tree (node, above, is_direct) as (
  select plan, null, true
  union all
  -- whatever has another name for a column, or computes with all of them, stands between
  select child, node ->> 'Node Type', is_direct and node ->> 'Node Type' in ('Hash Join', 'Merge Join', 'Nested Loop', 'Hash', 'Sort',
    'Incremental Sort', 'Materialize', 'Memoize')
  from tree cross join jsonb_array_elements(node -> 'Plans') as child
),
said as (
  select part #>> '{}' as text, key
  from tree
  cross join jsonb_each(node - 'Plans') as parts (key, value)
  cross join jsonb_path_query(value, '$[*]') as part
  where jsonb_typeof(part) = 'string'
    and not (key = 'Output' and node ? 'Relation Name' and coalesce(above, '') in ('Hash Join', 'Merge Join', 'Nested Loop', 'Aggregate'))
),
mentioned as (
  select trim('"' from pair[1]) as alias, trim('"' from pair[2]) as name, bool_and(key = 'Output' and text = pair[1] || '.' || pair[2]) as
    is_output
  from said cross join regexp_matches(text, '({{ name }})\.({{ name }}|\*)', 'g') as pair
  group by 1, 2
),
counts as (
  select (node ->> 'Schema') || '.' || (node ->> 'Relation Name') as relation, name, bool_and(is_direct and is_output) as is_passed_on
  from tree join mentioned on alias = node ->> 'Alias' where node ? 'Relation Name' group by 1, 2
)
select jsonb_agg(case when exists (select from counts where counts.relation = r ->> 'name')
  then r || jsonb_build_object('columns', (
    select jsonb_agg(c || jsonb_build_object('named', is_whole or (c ->> 'named')::boolean and is_read,
      'used', is_whole or (c ->> 'used')::boolean and is_read, 'passed_on', is_passed_on and not is_whole) order by number)
    from jsonb_array_elements(r -> 'columns') with ordinality as columns (c, number)
    cross join lateral (
      -- a row as a value (to_jsonb(t)) is made of columns that nobody names
      select coalesce(bool_or(name = '*'), false) as is_whole, count(*) > 0 as is_read,
        coalesce(bool_and(is_passed_on), false) as is_passed_on
      from counts where relation = r ->> 'name' and name in (c ->> 'name', '*')) as found))
  else r end order by place)
from jsonb_array_elements(relations) with ordinality as all_of_them (r, place)
  {%- endset -%}
  {#- the tables behind the names that functions have in their text, as the path finds them -#}
  {%- set hidden -%}
declare
  body record;
  relid oid;
  found jsonb := '[]';
begin
  for body in select name, read from jsonb_to_recordset(nullif(described -> 'bodies', 'null')) as body (name text, read text) loop
    -- under the path of the query nothing but this is looked up
    perform pg_catalog.set_config('search_path', path, true);
    relid := pg_catalog.to_regclass(body.read);
    perform pg_catalog.set_config('search_path', '', true);
    select found || coalesce(jsonb_agg(jsonb_build_object('what', format('%s.%s, which %s() reads', nspname, relname, body.name), 'watched',
      exists (select from jsonb_array_elements(described -> 'relations') as r where (r.value ->> 'oid')::oid = c.oid))), '[]') into found
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where c.oid = relid and nspname not in ('pg_catalog', 'information_schema');
  end loop;
  return found || case when described ->> 'inherited' is null then '[]'::jsonb
    else jsonb_build_array(jsonb_build_object('what', described ->> 'inherited', 'watched', false)) end;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_read(relations jsonb, plan jsonb)', 'jsonb', 'sql', read) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_hidden(described jsonb, path text)', 'jsonb', 'plpgsql', hidden) }}
{{ pgtrickle__trial_joined_function() }}
{{ pgtrickle__trial_sample_function() }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_sources(query text, path text, options jsonb)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
