{#- What to drop, dependents first, with what goes along and what stands in the way.

    managed: dbt's models as JSON; null for everything in the catalog. names: a JSON array of tables with schema; these
    alone, then, and those of dbt's that read them. ours: those of other roles stay, unless they are named. -#}
{% macro pgtrickle__drop_plan(managed='null', names='null', ours='false') -%}
with recursive
models as (
  {{ pgtrickle__models(managed) }}
),
tables as (
  {{ pgtrickle__tables() }}
),
levels as (
  {{ pgtrickle__levels() }}
),
known as (
  select
    tables.*, schema_name || '.' || table_name as subject, levels.level,
    ({{ managed }}::jsonb is null or (schema_name, table_name) in (select schema_name, table_name from models))
      and (is_ours or not {{ ours }}::boolean) as managed
  from tables
  join levels using (pgt_id)
),
falling as (
  select * from known
  where case
    when {{ names }}::jsonb is null then managed
    else subject in (select jsonb_array_elements_text({{ names }}::jsonb))
  end
  union
  select reader.*
  from falling
  join pgtrickle.pgt_dependencies dependency on dependency.source_relid = falling.pgt_relid
  join known reader on reader.pgt_id = dependency.pgt_id
  where reader.managed and reader.pgt_relid is not null
),
doomed as (
  select * from falling
),
-- views on it, and views on those
followers as (
  select pgt_id, relid from doomed
  union
  select followers.pgt_id, rule.ev_class
  from followers
  join pg_catalog.pg_depend dependency
    on dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid = followers.relid
    and dependency.classid = 'pg_catalog.pg_rewrite'::regclass
  join pg_catalog.pg_rewrite rule on rule.oid = dependency.objid
)
select
  doomed.subject,
  doomed.pgt_id,
  doomed.owner,
  doomed.is_ours,
  doomed.level,
  array(
    select namespace.nspname || '.' || relation.relname
    from followers
    join pg_catalog.pg_class relation on relation.oid = followers.relid
    join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
    where followers.pgt_id = doomed.pgt_id and followers.relid <> doomed.relid
    order by 1
  ) as goes_along,
  array(
    select distinct reader.schema_name || '.' || reader.table_name
    from pgtrickle.pgt_dependencies dependency
    join tables reader using (pgt_id)
    where dependency.source_relid = doomed.pgt_relid and reader.pgt_relid is not null and reader.pgt_id not in (select pgt_id from doomed)
    order by 1
  ) as kept_readers
from doomed
order by level desc, subject
{%- endmacro %}
