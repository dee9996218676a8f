{#- What stands on a relation, nearest first: stream tables, views and materialized views, however deep.
    oid: of the relation; definitions: whether to give what makes them again, under pgtrickle__lock only, since reading a view's definition
    locks what the view reads. Gives [{kind, schema, name, oid, depth, managed, owner: where this role is a superuser and its owner is
    none, stream_table: its catalog row or none, place, definition: a view's CREATE statement, trimmings: [statements]}]. -#}
{% macro pgtrickle__dependents(oid, definitions=false) %}
  {% set statement %}
with recursive placed as (
  select * from ({{ pgtrickle__entries() }}) as entries where place in ('right', 'renamed')
),
dependent (oid, depth) as (
  select {{ oid }}::oid, 0
  union
  select reader.oid, dependent.depth + 1
  from dependent
  cross join lateral (
    select r.ev_class as oid
    from pg_depend d join pg_rewrite r on r.oid = d.objid
    where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
      and d.refobjid = dependent.oid and r.ev_class <> dependent.oid
    union
    select placed.relid
    from pgtrickle.pgt_dependencies p join placed on placed.pgt_id = p.pgt_id
    where p.source_relid = dependent.oid
  ) as reader
  where dependent.depth < 100
)
select coalesce(json_agg(json_build_object(
  'kind', case when s.pgt_id is not null then 'stream table' when c.relkind = 'v' then 'view' when c.relkind = 'm' then 'materialized view'
    else 'relation' end,
  'schema', n.nspname, 'name', c.relname, 'oid', c.oid::bigint, 'depth', d.depth,
  'stream_table', {{ pgtrickle__entry_row('s') }}, 'place', place,
  'owner', (
    select maker.rolname from pg_roles maker join pg_roles me on me.rolname = current_user and me.rolsuper
    where maker.oid = c.relowner and not maker.rolsuper)
  {%- if definitions -%},
  'definition', case when c.relkind in ('v', 'm') then
    format('create %s %I.%I%s as %s', case c.relkind when 'v' then 'view' else 'materialized view' end, n.nspname, c.relname,
           case when c.reloptions is null then '' else ' with (' || array_to_string(c.reloptions, ', ') || ')' end,
           rtrim(pg_get_viewdef(c.oid), ';')) end,
  'trimmings', {{ pgtrickle__trimmings_expression('d.oid') }}
  {%- endif %}
) order by d.depth, n.nspname, c.relname), '[]'::json)::text
from (select oid, max(depth) as depth from dependent where depth > 0 group by oid) d
join pg_class c on c.oid = d.oid
join pg_namespace n on n.oid = c.relnamespace
left join (placed join pgtrickle.pgt_stream_tables s using (pgt_id)) on placed.relid = d.oid
  {% endset %}
  {% set dependents = pgtrickle__query_json(statement) %}
  {% for dependent in dependents %}
    {% do dependent.update({'managed': pgtrickle__model_of(dependent.schema, dependent.name)}) %}
  {% endfor %}
  {% do return(dependents) %}
{% endmacro %}
