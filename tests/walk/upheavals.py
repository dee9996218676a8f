"""What happens to the database behind dbt's back: renames, a swap, a restore, another role."""

from __future__ import annotations

import tempfile
from pathlib import Path

from psycopg import sql

from tests.support import restore as dumps
from tests.walk.life import OWNER, Life

SCHEMAS = ("analytics", "elsewhere")
# a database that was restored beside the first
BESIDE = "_beside"
# what dbt made, and pg_trickle for it, whose ever it was
HAND_OVER = """
do $hand$
declare
  made record;
begin
  for made in
    select format('%s %s', case relkind when 'v' then 'view' else 'table' end, relation.oid::regclass) as name
    from pg_class relation
    join pg_namespace namespace on namespace.oid = relnamespace
    where relkind in ('r', 'v') and nspname !~ '^(raw|information_schema|pg_.*|pgtrickle|pgtrickle_lite)$'
    union all
    select 'function ' || routine.oid::regprocedure
    from pg_proc routine join pg_namespace namespace on namespace.oid = pronamespace
    where nspname !~ '^(raw|information_schema|pg_.*|pgtrickle|pgtrickle_lite)$'
    union all
    select format('schema %I', nspname) from pg_namespace
    where nspname !~ '^(raw|public|information_schema|pg_.*|pgtrickle.*)$'
  loop
    execute format('alter %s owner to %I', made.name, {});
  end loop;
end $hand$
"""


def move(life: Life) -> str:
    """dbt builds in another schema."""
    life.use_schema(life.chance.choice(SCHEMAS))
    return f"schema {life.schema}; {life.run()}"


def rename_schema(life: Life) -> str:
    """The schema gets another name, and the profile with it, or it alone."""
    told = f"alter schema {life.schema} rename to {{}}"
    new = f"s{life.chance.randrange(1, 1000)}"
    life.database.execute(told.format(new))
    if life.chance.random() < 0.3:
        return f"{told.format(new)}{_perhaps_run(life)}"
    life.use_schema(new)
    return f"{told.format(new)}, and so the profile{_perhaps_run(life)}"


def swap(life: Life) -> str:
    """Blue/green: built in a schema of its own, then swapped; sometimes back again."""
    blue = life.schema
    life.use_schema("green")
    told = life.run()
    life.use_schema(blue)
    there = life.database.query(
        "select nspname from pg_namespace where nspname in ('green', %s)", blue
    )
    if len(there) < 2:
        return f"green: {told}; there is nothing to swap"
    exchange = (
        f"alter schema {blue} rename to former; alter schema green rename to {blue};"
        "alter schema former rename to green"
    )
    for _ in range(life.chance.choice([1, 1, 2])):
        life.database.execute(exchange)
    return f"green: {told}; swapped with {blue}{_perhaps_run(life)}"


def rename_table(life: Life) -> str:
    """A stream table gets another name, or two exchange theirs; its model stays as it is."""
    names = life.stream_tables()
    if not names:
        return "nothing to rename"
    first, second = life.chance.choice(names), life.chance.choice(names)
    rename = "alter table {schema}.{0} rename to {1};"
    if first == second:
        renames = rename.format(first, f"r{life.chance.randrange(1, 1000)}", schema=life.schema)
    else:
        steps = ((first, "aside"), (second, first), ("aside", second))
        renames = "".join(rename.format(*step, schema=life.schema) for step in steps)
    life.database.execute(renames)
    return f"{renames}{_perhaps_run(life)}"


def rename_model(life: Life) -> str:
    """A stream table gets another name, and its model with it."""
    names = {model.name for model in life.models.models}.intersection(life.stream_tables())
    if not names:
        return "nothing to rename"
    model = next(model for model in life.models.models if model.name in names)
    old, new = model.name, life.models.rename(model)
    life.database.execute(f"alter table {life.schema}.{old} rename to {new}")
    return f"{old} renamed to {new}, and its model{_perhaps_run(life)}"


def restore(life: Life) -> str:
    """The database comes back from a dump, under its name or beside it."""
    old = life.database.params["dbname"]
    new = life.chance.choice([old, old.removesuffix(BESIDE), old.removesuffix(BESIDE) + BESIDE])
    with tempfile.TemporaryDirectory() as folder:
        dumps.dump(life.database, Path(folder) / "dump")
        with life.database.connect(dbname="postgres") as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(old)))
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(new)))
        life.use_database(new)
        dumps.restore(Path(folder) / "dump", life.database)
    life.grant()
    return f"restored into {new}{_perhaps_run(life)}"


def change_role(life: Life) -> str:
    """Another role runs dbt: the superuser, or an ordinary one, which mostly gets what dbt made."""
    life.role = life.chance.choice([OWNER, role_of(life)])
    handed = life.chance.random() < 0.7
    if handed:
        with life.database.connect() as connection:
            connection.execute(sql.SQL(HAND_OVER).format(sql.Literal(life.role)))
    life.grant()
    told = "which gets what dbt made" if handed else "which owns what it makes"
    return f"role {life.role}, {told}; {life.run()}"


def role_of(life: Life) -> str:
    """The ordinary role that takes part: one of its own for each walk."""
    return f"walker_{life.database.params['dbname'].removesuffix(BESIDE)}"


def _perhaps_run(life: Life) -> str:
    return f"; {life.run()}" if life.chance.random() < 0.7 else ""
