-- Section 3: the query. PostgreSQL itself says what a query returns and reads: it is made a temporary view,
-- and the catalog's rows about that view are read.

create type pgtrickle_lite.query_shape as (
    column_names text[],
    column_types text[],
    needs_count boolean,
    group_columns text[],
    volatility text,
    unsupported text,
    not_incremental text,
    lost_cte text,
    order_by text,
    row_limit integer,
    row_offset integer,
    sources jsonb
);

-- Every table, view and materialized view that a view reads, through other views; stream tables end the way.
create function pgtrickle_lite.view_sources(view_relid oid)
returns table (relid oid, relkind "char", is_direct boolean, columns text[], stored_rule text)
language sql stable as $$
    with recursive reads as (
        select rule.ev_class, dependency.refobjid as relid, dependency.refobjsubid, true as is_direct
        from pg_rewrite as rule
        join pg_depend as dependency
            on dependency.classid = 'pg_rewrite'::regclass and dependency.objid = rule.oid
        where rule.ev_class = view_relid
            and dependency.refclassid = 'pg_class'::regclass
            and dependency.refobjid <> rule.ev_class
        union
        select rule.ev_class, dependency.refobjid, dependency.refobjsubid, false
        from reads
        join pg_class as parent on parent.oid = reads.relid and parent.relkind = 'v'
        join pg_rewrite as rule on rule.ev_class = parent.oid
        join pg_depend as dependency
            on dependency.classid = 'pg_rewrite'::regclass and dependency.objid = rule.oid
        where dependency.refclassid = 'pg_class'::regclass
            and dependency.refobjid <> rule.ev_class
    )
    select
        reads.relid,
        source.relkind,
        bool_or(reads.is_direct),
        array_agg(distinct attribute.attname::text) filter (where attribute.attname is not null),
        (select rule.ev_action::text from pg_rewrite as rule where rule.ev_class = reads.relid limit 1)
    from reads
    join pg_class as source on source.oid = reads.relid and source.relkind in ('r', 'p', 'v', 'm', 'f')
    left join pg_attribute as attribute
        on attribute.attrelid = reads.relid and attribute.attnum = reads.refobjsubid
        and reads.refobjsubid > 0
    group by reads.relid, source.relkind
$$;

-- 'v' if the rule calls a volatile function, 's' a stable one, else 'i'.
create function pgtrickle_lite.rule_volatility(rule text) returns text
language sql stable as $$
    select case
        when bool_or(called.provolatile = 'v') then 'v'
        when bool_or(called.provolatile = 's') then 's'
        else 'i'
    end
    from regexp_matches(rule, ':(?:funcid|opfuncid|aggfnoid) (\d+)', 'g') as mention
    join pg_proc as called on called.oid = mention[1]::oid
$$;

-- A clause of the outermost query: in a stored rule its own clauses follow those of every nested query.
create function pgtrickle_lite.last_clause(rule text, clause text) returns boolean
language sql immutable as $$
    select coalesce(substring(rule from '.*:' || clause || ' (\S)') <> '<', false)
$$;

-- The first CTE of an outer query that a subquery in an expression reads.
create function pgtrickle_lite.cte_in_sublink(rule text) returns text
language plpgsql immutable as $$
declare
    token text;
    depth integer := 0;
    sublink integer;
begin
    if rule !~ ':ctelevelsup [1-9]' then
        return null;
    end if;
    for token in
        select part[1] from regexp_matches(
            regexp_replace(rule, '\\.', '', 'g'),
            '(\{SUBLINK|\{|\}|:ctename \S+ :ctelevelsup [1-9]\d* :self_reference false)', 'g') as part
    loop
        if token like '{%' then
            depth := depth + 1;
            sublink := coalesce(sublink, case token when '{SUBLINK' then depth end);
        elsif token = '}' then
            sublink := nullif(sublink, depth);
            depth := depth - 1;
        elsif sublink is not null then
            return split_part(token, ' ', 2);
        end if;
    end loop;
    return null;
end
$$;

-- Parse it as the only statement, and in brackets, where a final comment is an error as it is with pg_trickle.
create function pgtrickle_lite.check_single_statement(query text) returns void
language plpgsql as $$
begin
    execute 'create temporary view __pgt_probe as select * from (' || query || ') as probe';
    drop view pg_temp.__pgt_probe;
exception
    when syntax_error then
        if query ~ ';\s*\S' then
            perform pgtrickle_lite.fail('42000', 'query parse error: Expected 1 statement');
        end if;
        execute 'create temporary view __pgt_probe as ' || query; -- the same error, at its own place
        raise;
    when duplicate_column or feature_not_supported then
        null; -- these get their own message when the query is made a view as it stands
end
$$;

-- What the query returns and reads. Raises PostgreSQL's own error for one that it refuses.
create function pgtrickle_lite.examine(query text) returns pgtrickle_lite.query_shape
language plpgsql as $$
declare
    shape pgtrickle_lite.query_shape;
    probe oid;
    rule text;
    canonical text;
begin
    if query ~* '^\s*values\M' then
        perform pgtrickle_lite.fail('42000', 'query parse error: Defining query references no tables');
    elsif query ~ ';\s*$' then
        perform pgtrickle_lite.fail('42601', 'syntax error at or near ";"');
    end if;
    perform pgtrickle_lite.check_single_statement(query);
    execute 'create temporary view __pgt_probe as ' || query;
    probe := 'pg_temp.__pgt_probe'::regclass;
    select stored.ev_action::text into rule from pg_rewrite as stored where stored.ev_class = probe;
    canonical := pg_get_viewdef(probe, true);

    select
        array_agg(attribute.attname::text order by attribute.attnum),
        array_agg(format_type(attribute.atttypid, null) order by attribute.attnum)
    into shape.column_names, shape.column_types
    from pg_attribute as attribute
    where attribute.attrelid = probe and attribute.attnum > 0;

    select
        jsonb_agg(jsonb_build_object(
            'relid', source.relid::bigint, 'direct', source.is_direct, 'columns', source.columns)),
        max(pgtrickle_lite.rule_volatility(source.stored_rule))
    into shape.sources, shape.volatility
    from pgtrickle_lite.view_sources(probe) as source;
    shape.volatility := greatest(
        pgtrickle_lite.rule_volatility(rule), shape.volatility, 'i');

    shape.needs_count :=
        rule ~ '^\(\{QUERY [^{]*:hasAggs true'
        or pgtrickle_lite.last_clause(rule, 'groupClause')
        or pgtrickle_lite.last_clause(rule, 'distinctClause')
        or (pgtrickle_lite.last_clause(rule, 'setOperations')
            and rule !~ ':setOperations \{SETOPERATIONSTMT :op 1 :all true');
    shape.unsupported := case
        when rule ~ ':hasForUpdate true' then 'FOR UPDATE/FOR SHARE is not supported in defining queries.'
        when rule ~ ':tablesample \{' then 'TABLESAMPLE is not supported in defining queries.'
        when pgtrickle_lite.last_clause(rule, 'limitCount')
            and not pgtrickle_lite.last_clause(rule, 'sortClause')
            then 'LIMIT is not supported in defining queries without ORDER BY.'
    end;
    shape.not_incremental := case
        when rule ~ ':rtekind 3 ' then 'Function in FROM is not supported in defining queries'
        when rule ~ ':rtekind 5 ' then 'VALUES in FROM is not supported in defining queries'
    end;
    shape.lost_cte := pgtrickle_lite.cte_in_sublink(rule);
    if pgtrickle_lite.last_clause(rule, 'limitCount')
            and pgtrickle_lite.last_clause(rule, 'sortClause') then
        shape.order_by := regexp_replace(
            substring(canonical from '.*\n\s*ORDER BY (.*?)\n\s*(?:OFFSET|LIMIT)'), '\s+', ' ', 'g');
        shape.row_limit := substring(canonical from '.*\n\s*LIMIT (\d+)')::integer;
        shape.row_offset := substring(canonical from '.*\n\s*OFFSET (\d+)')::integer;
    end if;
    drop view pg_temp.__pgt_probe;

    perform pgtrickle_lite.refuse_system_catalogs(rule);
    if shape.sources is null then
        perform pgtrickle_lite.fail('42000', 'query parse error: Defining query references no tables');
    elsif shape.column_names is null then
        perform pgtrickle_lite.fail('42000', 'query parse error: Defining query returns no columns');
    end if;
    return shape;
end
$$;

-- Dependencies on the system's own tables are not recorded, so these are read from the rule.
create function pgtrickle_lite.refuse_system_catalogs(rule text) returns void
language plpgsql as $$
declare
    catalog_name text;
begin
    select relation.relname into catalog_name
    from regexp_matches(rule, ':relid (\d+)', 'g') as mention
    join pg_class as relation on relation.oid = mention[1]::oid
    where relation.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    limit 1;
    if found then
        perform pgtrickle_lite.fail(
            '42501', format('permission denied: "%s" is a system catalog', catalog_name));
    end if;
end
$$;

create function pgtrickle_lite.without_limit(query text) returns text
language sql immutable as $$
    select rtrim(regexp_replace(query, '^(.*)\morder\s+by\M.*$', '\1', 'i'), E' \t\n')
$$;

-- The text that changes are judged by: views written out, TopK without its ORDER BY and LIMIT.
create function pgtrickle_lite.rewrite(query text, shape pgtrickle_lite.query_shape) returns text
language plpgsql stable as $$
declare
    rewritten text := query;
    source record;
begin
    if shape.order_by is not null then
        rewritten := pgtrickle_lite.without_limit(rewritten);
    end if;
    for source in
        select relation.relname, namespace.nspname, relation.oid
        from jsonb_array_elements(shape.sources) as item
        join pg_class as relation on relation.oid = (item ->> 'relid')::bigint::oid
        join pg_namespace as namespace on namespace.oid = relation.relnamespace
        where relation.relkind = 'v'
    loop
        rewritten := regexp_replace(
            rewritten,
            format(
                '(?<![\w"])(?:"?%s"?\.)?"?%s"?\."?%s(?:"|\M)',
                regexp_replace(current_database()::text, '(\W)', '\\\1', 'g'),
                regexp_replace(source.nspname::text, '(\W)', '\\\1', 'g'),
                regexp_replace(source.relname::text, '(\W)', '\\\1', 'g')),
            replace('(' || rtrim(pg_get_viewdef(source.oid, true), ';') || ')', '\', '\\'), 'g');
    end loop;
    return rewritten;
end
$$;

create function pgtrickle_lite.collapsed(query text) returns text
language sql immutable as $$ select trim(regexp_replace(query, '\s+', ' ', 'g')) $$;

-- The text to run: as written.
create function pgtrickle_lite.written_query(st pgtrickle.pgt_stream_tables) returns text
language sql immutable as $$ select coalesce(st.original_query, st.defining_query) $$;
