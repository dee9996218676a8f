"""A low role that waits for a superuser to run its code."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.postgres import Database

GRANTS = """
    grant create on database "{database}" to {name};
    grant usage on schema pgtrickle, shop to {name};
    grant select, trigger on shop.orders to {name};
    grant select, insert, update, delete on all tables in schema pgtrickle to {name};
    grant usage on all sequences in schema pgtrickle to {name};
    grant usage, create on schema pgtrickle_changes to {name};
"""
# what is immutable to whoever looks calls this, which takes whatever its caller may
SEIZE = """
    create schema loot;
    grant usage on schema loot to public;
    create function loot.seize() returns int language plpgsql as $$
    begin
      begin
        execute 'reset role';
      exception when others then null;
      end;
      begin
        execute 'alter role {name} superuser';
      exception when others then null;
      end;
      begin
        execute $copy$ copy (select 1) to program 'touch {file}' $copy$;
      exception when others then null;
      end;
      begin
        execute 'declare later cursor with hold for select loot.seize()';
      exception when others then null;
      end;
      return 1;
    end $$;
    create function loot.taxed(amount int) returns int language sql immutable
      as 'select amount * loot.seize()';
    create table loot.orders (
      id int primary key, amount int check (loot.taxed(amount) > 0),
      taxed int generated always as (loot.taxed(amount)) stored
    );
    insert into loot.orders values (1, 10), (2, 20), (3, 30);
"""
# what fits better than pg_catalog's own, in a schema that stands in everybody's search_path
OVERLOADS = (
    ("starts_with", "name, text", "boolean", "pg_catalog.starts_with($1::text, $2)"),
    ("quote_ident", "name", "text", "pg_catalog.quote_ident($1::text)"),
    ("lower", "name", "text", "pg_catalog.lower($1::text)"),
    ("format", "text, name", "text", "pg_catalog.format($1, $2::text)"),
    ("format", "text, name, name", "text", "pg_catalog.format($1, $2::text, $3::text)"),
    ("split_part", "name, text, integer", "text", "pg_catalog.split_part($1::text, $2, $3)"),
    (
        "has_table_privilege",
        "oid, varchar",
        "boolean",
        "pg_catalog.has_table_privilege($1, $2::text)",
    ),
    (
        "pg_advisory_xact_lock",
        "integer",
        "boolean",
        "pg_catalog.pg_advisory_xact_lock($1::bigint) is null",
    ),
    ("to_jsonb", "boolean", "jsonb", "pg_catalog.to_jsonb($1)"),
    ("unnest", "text[]", "setof text", "pg_catalog.unnest($1)"),
)


@dataclass(frozen=True)
class Intruder:
    """The role, what it left, and the file that only a superuser's COPY can have touched."""

    name: str
    database: Database
    file: Path

    def execute(self, script: str) -> None:
        """Run a script as the role."""
        self.database.execute(script)

    def shadow(self, user: str, *, without: tuple[str, ...] = ()) -> None:
        """Put better fits for functions into a schema that is called like another user."""
        functions = "".join(
            f'create function "{user}".{function}({arguments}) returns {result} language plpgsql '
            f"as $$ begin perform loot.seize(); "
            + (
                f"return query select {body}; end $$;"
                if result.startswith("setof")
                else f"return {body}; end $$;"
            )
            for function, arguments, result, body in OVERLOADS
            if function not in without
        )
        self.execute(
            f'create schema "{user}"; grant usage on schema "{user}" to public; {functions}'
        )

    def got_in(self) -> list[str]:
        """What it has got of a superuser's."""
        found = self.database.value("select rolsuper from pg_roles where rolname = current_user")
        return [*(["superuser"] if found else []), *(["a program"] if self.file.exists() else [])]


@contextlib.contextmanager
def intruder_in(database: Database) -> Iterator[Intruder]:
    """Make one, with the functions that seize what their caller may; afterwards none is left."""
    name = f"low_{uuid.uuid4().hex[:8]}"
    file = Path(tempfile.gettempdir()) / f"pgtrickle-{name}"
    dbname = database.params["dbname"]
    database.execute(
        f"create role {name} login password 'low';" + GRANTS.format(name=name, database=dbname)
    )
    low = replace(database, params={**database.params, "user": name, "password": "low"})
    try:
        low.execute(SEIZE.format(name=name, file=file))
        yield Intruder(name, low, file)
    finally:
        file.unlink(missing_ok=True)
        database.execute(f"drop owned by {name} cascade; drop role {name}")
