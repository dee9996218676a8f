{#- What PostgreSQL itself makes of the new query, and whether that is what the old one means.
    Both become temporary views inside a subtransaction that is always rolled back, so nothing is left behind.
    Gives {error, equal, columns: [{name, type}], limited: whether it ends in LIMIT, OFFSET or FETCH, keyless: whether a table it reads has
    no primary key, bound: whether what the new query reads is what the stream table is bound to, elsewhere and zoned: from
    pgtrickle__compare_sessions, sources: [[schema, name]] of what the new query reads}.
    query, old_query: SQL texts (old_query none: nothing to compare); pgt_id: of the stream table, or none. -#}
{% macro pgtrickle__compare_queries(query, old_query=none, pgt_id=none) %}
  {% do return(pgtrickle__told_by(pgtrickle__comparing(query, old_query, pgt_id), before=pgtrickle__note())) %}
{% endmacro %}

{#- The statement that tells it. -#}
{% macro pgtrickle__comparing(query, old_query=none, pgt_id=none) %}
  {% set body %}
declare
  result jsonb := '{}';
  canonical text;
  session_path constant text := {{ pgtrickle__session_path() }};
  session_zone constant text := current_setting('timezone');
  scheduler_path constant text := {{ pgtrickle__scheduler_path() }};
  scheduler_zone constant text := {{ pgtrickle__scheduler_setting('timezone') }};
begin
  begin
    perform set_config('timezone', scheduler_zone, true);
    {{ pgtrickle__view_as('__dbt_pgtrickle_new', query, 'scheduler_path') }}
    canonical := pg_get_viewdef('pg_temp.__dbt_pgtrickle_new'::regclass);
    with recursive reads as (
      select d.refobjid as oid, true as direct
      from pg_rewrite r
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
      where r.ev_class = 'pg_temp.__dbt_pgtrickle_new'::regclass
      union
      select d.refobjid, false
      from reads
      join pg_rewrite r on r.ev_class = reads.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    ),
    bound as (
      select source_relid as oid from pgtrickle.pgt_dependencies where pgt_id = {{ pgtrickle__literal(pgt_id) }}
    )
    select jsonb_build_object(
      'columns', (
        select jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, null)) order by attnum)
        from pg_attribute where attrelid = 'pg_temp.__dbt_pgtrickle_new'::regclass and attnum > 0),
      'limited', canonical ~ E'\n (LIMIT|OFFSET|FETCH)',
      'keyless', exists (
        select from reads join pg_class c on c.oid = reads.oid and c.relkind in ('r', 'p')
        where not exists (select from pg_index where indrelid = c.oid and indisprimary)
          and not exists (select from pgtrickle.pgt_stream_tables where pgt_relid = c.oid)),
      'bound', not exists (select from reads where direct and oid not in (select oid from bound))
            or not exists (select from bound where oid not in (select oid from reads)),
      'sources', (
        select jsonb_agg(distinct jsonb_build_array(n.nspname, c.relname))
        from reads join pg_class c on c.oid = reads.oid join pg_namespace n on n.oid = c.relnamespace))
    into result;
    {{ pgtrickle__compare_sessions(query) }}
    {% if old_query is not none %}
    begin
      {{ pgtrickle__view_as('__dbt_pgtrickle_old', old_query, 'scheduler_path') }}
      result := result || jsonb_build_object('equal', canonical = pg_get_viewdef('pg_temp.__dbt_pgtrickle_old'::regclass));
    exception when others then
      -- the old text doesn't hold any more, so it can't be what the new one says
      result := result || jsonb_build_object('equal', false);
    end;
    {% endif %}
    raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
  exception
    when sqlstate 'PGT00' then null;
    when query_canceled or admin_shutdown then raise;
    when others then result := jsonb_build_object('error', sqlerrm);
  end;
  if result ? 'error' and session_path <> scheduler_path then
    begin
      {{ pgtrickle__view_as('__dbt_pgtrickle_here', query, 'session_path') }}
      raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
    exception
      when sqlstate 'PGT00' then result := jsonb_build_object('elsewhere', jsonb_build_array(session_path, scheduler_path));
      when query_canceled or admin_shutdown then raise;
      when others then null;
    end;
  end if;
  {{ pgtrickle__answer('result') }}
end
  {% endset %}
  {% do return('do ' ~ pgtrickle__dollar_quote(body)) %}
{% endmacro %}

{#- PL/pgSQL that makes a temporary view of a query as its names are found under a path: SQL. What isn't one statement alone, such as a
    query that somebody wrote into the catalog, is refused, for more would be run. -#}
{% macro pgtrickle__view_as(name, query, path) %}
  {% if pgtrickle__is_one_statement(query) %}
    perform set_config('search_path', {{ path }}, true);
    execute 'create temporary view {{ name }} as ' || {{ pgtrickle__dollar_quote(query) }};
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  {% else %}
    raise exception using errcode = 'syntax_error', message = 'it is more than one statement';
  {% endif %}
{% endmacro %}
