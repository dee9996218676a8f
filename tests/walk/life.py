"""A project's life in a database: what a step may do to it, and what has to hold after each."""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import LackingRights
from tasklib.project.project import Project
from tasklib.tasks import verify
from tasklib.tasks.freshness import task as freshness
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.walk.models import SOURCES, Models

OWNER = "postgres"
READABLE = """
do $readable$
declare
  made record;
begin
  for made in
    select distinct schemas.nspname, relation.relowner::regrole as role
    from pgtrickle.pgt_stream_tables as stream_table
    join pg_class as relation on relation.oid = stream_table.pgt_relid
    cross join pg_namespace as schemas
    where schemas.nspname !~ '^(information_schema|pg_.*|pgtrickle.*)$'
  loop
    execute format('grant usage on schema %I to %s', made.nspname, made.role);
    execute format('grant select on all tables in schema %I to %s', made.nspname, made.role);
  end loop;
end $readable$
"""


@dataclass
class Life:
    """One project in one database; its models and who works on it change from step to step.

    Attributes:
        project: the dbt project, bound to the database as a superuser reaches it.
        models: what its models folder is to hold.
        chance: decides everything that is random.
        restart: restarts the server, or what stands for that.
        role: who runs dbt.
        schema: where dbt builds.
    """

    project: DbtProject
    models: Models
    chance: random.Random
    restart: Callable[[], None]
    role: str = OWNER
    schema: str = "analytics"

    @property
    def database(self) -> Database:
        return self.project.database

    def wrong(self) -> list[str]:
        """The stream tables that aren't what their query gives, and of which freshness is silent."""
        found = self._ask(verify.verify, OWNER)
        if any("permission denied" in row["cause"] for row in found):
            # verify names the right that a query's owner lacks; with it, the contents can be compared
            self._let_owners_read()
            found = self._ask(verify.verify, OWNER)
        differing = {
            row["subject"]: f"{row['subject']}: {row['cause']}"
            for row in found
            if row["verdict"] != "ok"
        }
        rows = self._ask(freshness.check, self.role)
        named = {row["subject"] for row in rows if row["verdict"] != "ok"}
        return [told for subject, told in differing.items() if subject not in named]

    def _let_owners_read(self) -> None:
        """What verify asks for: who owns a stream table may read all that dbt made."""
        self.database.execute(READABLE)

    def _ask(self, check: Callable[..., int], role: str) -> list[dict[str, Any]]:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            check(self.tasks(role), everything=True, as_json=True)
        rows: list[dict[str, Any]] = json.loads(said.getvalue())["results"]
        return rows

    def tasks(self, role: str = "") -> Project:
        """The project as invoke's tasks take it, of who runs dbt unless a role is given."""
        env = {**self.database.env, "PGUSER": role or self.role}
        (self.project.root / ".env").write_text("\n".join(f"{k}={v}" for k, v in env.items()))
        return Project(
            self.project.root, "shop", self.schema, "external", 5432, "latest", "postgres"
        )

    def run(self, *arguments: str) -> str:
        """`dbt run` with so many threads as it happens; gives what to tell of it."""
        for path in (self.project.root / "models").glob("*.sql"):
            path.unlink()
        self.project.write(self.models.files())
        self.grant()
        threads = str(self.chance.choice([1, 2, 4, 16]))
        env = {"PGUSER": self.role}
        result = self.project.dbt("run", "--threads", threads, *arguments, check=False, env=env)
        told = "" if result.success else " (failed: " + _first_error(result.log) + ")"
        return " ".join(["run", *arguments]) + told

    def use_schema(self, name: str) -> None:
        """Have dbt build there from now on."""
        self.schema = name
        profile = self.project.root / "profiles.yml"
        settings = yaml.safe_load(profile.read_text())
        settings["shop"]["outputs"]["dev"]["schema"] = name
        profile.write_text(yaml.safe_dump(settings))

    def grant(self) -> None:
        """Give who runs dbt what `invoke up` says that it lacks."""
        sources = [("raw", name) for name in SOURCES]
        with self.database.connect(user=self.role) as connection:
            lacking = fetch(
                connection, LackingRights, schema=self.schema, sources=json.dumps(sources),
                immediate=True,
            )  # fmt: skip
        self.database.execute("".join(f"{right['statement']};" for right in lacking))

    def use_database(self, name: str) -> None:
        """Go on in another database of the server."""
        params = {**self.database.params, "dbname": name}
        self.project.database = replace(self.database, params=params)

    def stream_tables(self) -> list[str]:
        """The names of those in dbt's schema, as they are called there."""
        rows = self.database.query(
            "select relname from pgtrickle.pgt_stream_tables join pg_class on oid = pgt_relid "
            "where relnamespace = to_regnamespace(%s) order by relname",
            self.schema,
        )
        return [row["relname"] for row in rows]


def _first_error(log: str) -> str:
    """What follows the first line that names a failed model, else the first that speaks of an error."""
    lines = [line.strip() for line in log.splitlines()]
    errors = [place for place, line in enumerate(lines) if "rror in model" in line]
    errors = errors or [place for place, line in enumerate(lines) if "rror" in line]
    return " / ".join(lines[errors[0] : errors[0] + 2])[:300] if errors else ""
