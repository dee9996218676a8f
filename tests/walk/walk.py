"""A random walk through a project's life: after each step every stream table is right, or named by `freshness`.

    PGTRICKLE_TEST_DSN="host=127.0.0.1 user=postgres dbname=postgres" python -m tests.walk.walk --steps 300

The same seed takes the same steps. `--restart COMMAND` restarts the server in some of them; without it all its other
connections are ended. Ends with 1 at the first step after which one is wrong and `freshness` has nothing to say of it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from tasklib import freshness, verify
from tasklib.project import Project
from tasklib.refresh import refresh
from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Database, running_server
from tests.walk.models import SOURCES, TABLES, Models

SCHEMAS = ("analytics", "elsewhere")


@dataclass
class Walk:
    """One walk through a database of its own."""

    project: DbtProject
    models: Models
    chance: random.Random
    restart: Callable[[], None]
    role: str = "postgres"

    @property
    def database(self) -> Database:
        return self.project.database

    def steps(self, number: int) -> Iterator[tuple[str, list[str]]]:
        """Take so many steps; gives what each did, and the stream tables that are wrong unnoticed."""
        self.database.execute(TABLES)
        self.models.grow(10)
        yield self._run(), self.wrong()
        actions = [
            self._edit_all, self._edit_all, self._edit_all, self._edit_part, self._edit_part,
            self._write, self._write, self._write, self._refresh, self._part, self._rebuild,
            self._move, self._change_role, self._restart, self._break_off,
        ]  # fmt: skip
        for _ in range(number - 1):
            did = self.chance.choice(actions)()
            yield did, self.wrong()

    def wrong(self) -> list[str]:
        """The stream tables that aren't what their query gives, and of which freshness is silent."""
        differing = {
            row["subject"]: f"{row['subject']}: {row['cause']}"
            for row in self._ask(verify.verify)
            if row["verdict"] != "ok"
        }
        named = {row["subject"] for row in self._ask(freshness.check) if row["verdict"] != "ok"}
        return [told for subject, told in differing.items() if subject not in named]

    def _ask(self, check: Callable[..., int]) -> list[dict[str, Any]]:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            check(self._tasks(), everything=True, as_json=True)
        rows: list[dict[str, Any]] = json.loads(said.getvalue())["results"]
        return rows

    def _tasks(self) -> Project:
        lines = [f"{key}={value}" for key, value in self.database.env.items()]
        (self.project.root / ".env").write_text("\n".join(lines))
        return Project(
            self.project.root, "shop", "analytics", "external", 5432, "latest", "postgres"
        )

    def _run(self, *arguments: str) -> str:
        for path in (self.project.root / "models").glob("*.sql"):
            path.unlink()
        self.project.write(self.models.files())
        threads = str(self.chance.choice([1, 2, 4, 16]))
        env = {"PGUSER": self.role}
        result = self.project.dbt("run", "--threads", threads, *arguments, check=False, env=env)
        told = "" if result.success else " (failed: " + _first_error(result.log) + ")"
        return " ".join(["run", *arguments]) + told

    def _edit_all(self) -> str:
        return f"{self._edit()}; {self._run()}"

    def _edit_part(self) -> str:
        return f"{self._edit()}; {self._part()}"

    def _edit(self) -> str:
        return ", ".join(self.models.edit() for _ in range(self.chance.randrange(1, 4)))

    def _part(self) -> str:
        name = self.chance.choice(self.models.models).name
        return self._run(
            "--select", self.chance.choice(["{}", "{}+", "+{}", "1+{}+1"]).format(name)
        )

    def _rebuild(self) -> str:
        return self._run("--full-refresh")

    def _write(self) -> str:
        table, number = self.chance.choice(SOURCES), self.chance.randrange(1, 40)
        statement = self.chance.choice(
            [
                "insert into raw.{t} values ({n}, {n} % 5, {n}) on conflict (id) do update set v = {n}",
                "update raw.{t} set v = v + {n}, k = (k + 1) % 5 where id % 4 = {n} % 4",
                "delete from raw.{t} where id % 9 = {n} % 9",
                "insert into raw.{t} select i, i % 5, i from generate_series({n}, {n} + 9) i on conflict do nothing",
            ]
        ).format(t=table, n=number)
        try:
            self.database.execute(statement)
        except psycopg.Error as error:
            return f"{statement} (failed: {error})"
        return statement

    def _refresh(self) -> str:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            refresh(self._tasks())
        return "refresh"

    def _move(self) -> str:
        profile = self.project.root / "profiles.yml"
        settings = yaml.safe_load(profile.read_text())
        output = settings["shop"]["outputs"]["dev"]
        output["schema"] = self.chance.choice(SCHEMAS)
        profile.write_text(yaml.safe_dump(settings))
        return f"schema {output['schema']}; {self._run()}"

    def _change_role(self) -> str:
        self.role = self.chance.choice(["postgres", role_of(self.database)])
        return f"role {self.role}; {self._run()}"

    def _restart(self) -> str:
        self.restart()
        return f"restart; {self._run()}"

    def _break_off(self) -> str:
        """End dbt's sessions in the middle of a run."""
        edit = self._edit()
        ended = subprocess.Popen(
            [sys.executable, "-c", _END_SESSIONS, json.dumps(self.database.params),
             str(self.chance.uniform(0.2, 1.5))]
        )  # fmt: skip
        told = self._run()
        ended.wait()
        return f"{edit}; sessions ended during: {told}"


_END_SESSIONS = """
import json, sys, time, psycopg
time.sleep(float(sys.argv[2]))
with psycopg.connect(**json.loads(sys.argv[1])) as connection:
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                       "and application_name = 'dbt'")
"""


def _first_error(log: str) -> str:
    lines = [line.strip() for line in log.splitlines()]
    told = [line for line in lines if line.startswith("[PGT") and "warn" not in line.lower()]
    errors = [line for line in lines if "rror" in line]
    return " / ".join((told[-1:] + errors)[:2])[:300]


def end_sessions(database: Database) -> None:
    """What stands for a restart where the server is not ours: every other connection ends."""
    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
    )


def take(
    database: Database, folder: Path, seed: int, steps: int, restart: Callable[[], None]
) -> Generator[tuple[str, list[str]], None, None]:
    """A walk of its own seed through an empty database."""
    chance = random.Random(seed)  # noqa: S311 no secret
    password = database.params.get("password")
    with database.connect() as connection:
        connection.execute(
            sql.SQL("create role {} superuser login password {}").format(
                sql.Identifier(role_of(database)), sql.Literal(password)
            )
        )
    try:
        project = make_project(folder, database, {})
        yield from Walk(project, Models(chance), chance, restart).steps(steps)
    finally:
        with database.connect() as connection:
            for statement in ("reassign owned by {} to postgres", "drop role {}"):
                connection.execute(sql.SQL(statement).format(sql.Identifier(role_of(database))))


def role_of(database: Database) -> str:
    """The other role that takes part: one of its own for each database."""
    return f"walker_{database.params['dbname']}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument(
        "--keep", action="store_true", help="leave a database in which one is wrong"
    )
    parser.add_argument("--restart", help="a command that restarts the server")
    options = parser.parse_args()
    with (
        running_server() as server,
        server.database() as database,
        tempfile.TemporaryDirectory() as folder,
    ):

        def restart() -> None:
            if options.restart:
                subprocess.run(options.restart, shell=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S602
            else:
                end_sessions(database)

        began = time.monotonic()
        for number, (did, wrong) in enumerate(
            take(database, Path(folder), options.seed, options.steps, restart), 1
        ):
            print(f"{number:4} {time.monotonic() - began:6.0f} s  {did}", flush=True)
            if wrong:
                print("wrong, and freshness is silent:", *wrong, sep="\n  ")
                print(f"database {database.params['dbname']}, project {folder}")
                if options.keep:
                    input("Enter ends it ")
                return 1
    print(f"{options.steps} steps with seed {options.seed}: each stream table right, or named")
    return 0


if __name__ == "__main__":
    sys.exit(main())
