{#- SQL expression: the names in a stream table's query that lead elsewhere than to what it reads, as after a rename of a table or schema;
    null where each leads where it should. pg_trickle follows what it reads by OID, and recomputes by the query's text (observed on
    0.67.0): from then on a refresh may show another table's rows. For
    rows of `entry`, as in pg_trickle's catalog, and `placed`, as pgtrickle__entries gives it. Only names of plain characters are looked at.
    -#}
{% macro pgtrickle__strayed_names(original_query='entry.original_query') -%}
(
  select string_agg(distinct name, ', ')
  from (
    -- words: without comments, and what is in quotes of any kind
    select whole, regexp_replace(regexp_replace(
      whole, '(\$\w*\$).*?\1', ' ', 'g'), '--[^\n]*|/\*([^*]|\*[^/])*\*/|''[^'']*''', ' ', 'g') as words
    from replace(coalesce({{ original_query }}, entry.defining_query), '"', '') as whole
  ) as said
  cross join lateral (
    select name[1] as name
    from regexp_matches(words, '(?:[a-z_][\w$]*\.)?([a-z_][\w$]*\.[a-z_][\w$]*)(?![\w$.(])', 'g') as name
    -- to_regclass() would want rights
    join pg_catalog.pg_namespace namespace on namespace.nspname = split_part(name[1], '.', 1)
    -- as a name it is looked up
    join pg_catalog.pg_class named on named.relnamespace = namespace.oid and named.relname = split_part(name[1], '.', 2)::name
    where named.relkind in ('r', 'p', 'v') and named.oid is distinct from placed.relid and not exists (
      select from pgtrickle.pgt_dependencies dependency join pg_catalog.pg_class source on source.oid = source_relid
      -- what a dbt that ended too early has left behind is said otherwise
      where pgt_id = placed.pgt_id and (source.oid = named.oid or source.relname = named.relname || '__dbt_backup')
    )
    union all
    select source.oid::regclass::text
    from pgtrickle.pgt_dependencies dependency
    join pg_catalog.pg_class source on source.oid = dependency.source_relid
    join pg_catalog.pg_namespace its on its.oid = source.relnamespace
    cross join lateral (
      select (regexp_match(words, '\m(?:(?:from|join)\s+\(*|[\w$]+\.)([\w$]+)\.' || source.relname || '\M', 'i'))[1] as schema_named
    ) as found
    where dependency.pgt_id = placed.pgt_id and source.relname ~ '^[a-z_][a-z0-9_]*$' and source.relname !~ '__dbt_backup$'
      -- in this order: the first is cheap, and nearly always enough
      and case
        when position(its.nspname || '.' || source.relname in whole) > 0 then false
        when schema_named is not null then not exists (
          select from pg_catalog.pg_class gone join pg_catalog.pg_namespace namespace on namespace.oid = gone.relnamespace
          where gone.relname = source.relname and namespace.nspname = schema_named
        )
        -- a view's own tables are not named
        else {{ original_query }} is null and source_type in ('TABLE', 'STREAM_TABLE') and whole !~ ('\m' || source.relname || '\M')
      end
  ) as strayed
)
{%- endmacro %}
