"""A random walk through a project's life: after each step every stream table is right, or named by `freshness`.

    PGTRICKLE_TEST_DSN="host=127.0.0.1 user=postgres dbname=postgres" python -m tests.walk.walk --steps 300

The same seed takes the same steps. `--restart COMMAND` restarts the server in some of them; without it all its other
connections are ended. Ends with 1 at the first step after which one is wrong and `freshness` has nothing to say of it.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from psycopg import sql

from tasklib.base.errors import UserError
from tests.support.dbt_project import make_project
from tests.support.postgres import Database, running_server
from tests.walk import actions, upheavals
from tests.walk.life import Life
from tests.walk.models import TABLES, Models

Action = Callable[[Life], str]
Step = tuple[str, list[str]]
# each as often as it stands here
ACTIONS: tuple[Action, ...] = (
    *[actions.edit_all] * 4, *[actions.edit_part] * 3, *[actions.write] * 5, *[actions.refresh] * 2,
    actions.run_part, actions.rebuild, actions.prune, actions.restart, actions.break_off,
    upheavals.move, upheavals.rename_schema, upheavals.swap, upheavals.rename_table,
    upheavals.rename_model, upheavals.restore, upheavals.change_role,
)  # fmt: skip


def steps(life: Life, number: int) -> Iterator[Step]:
    """Take so many steps; gives what each did, and the stream tables that are wrong unnoticed."""
    life.database.execute(TABLES)
    life.models.grow(10)
    yield life.run(), life.wrong()
    for _ in range(number - 1):
        yield _did(life.chance.choice(ACTIONS), life), life.wrong()


def _did(action: Action, life: Life) -> str:
    try:
        return action(life)
    except UserError as error:
        # a task that says why it doesn't is as good as a run that fails
        return f"{action.__name__} (refused: {error})"


def take(
    database: Database, folder: Path, seed: int, number: int, restart: Callable[[], None]
) -> Generator[Step, None, None]:
    """A walk of its own seed through an empty database, which it may drop and restore beside it."""
    chance = random.Random(seed)  # noqa: S311 no secret
    life = Life(make_project(folder, database, {}), Models(chance), chance, restart)
    role = sql.Identifier(upheavals.role_of(life))
    with database.connect(dbname="postgres") as admin:
        password = sql.Literal(database.params.get("password"))
        admin.execute(sql.SQL("create role {} login password {}").format(role, password))
    try:
        yield from steps(life, number)
    finally:
        with life.database.connect() as last:
            last.execute(sql.SQL("drop owned by {} cascade").format(role))
        with database.connect(dbname="postgres") as admin:
            if life.database.params["dbname"] != database.params["dbname"]:
                beside = sql.Identifier(life.database.params["dbname"])
                admin.execute(sql.SQL("drop database {} with (force)").format(beside))
            admin.execute(sql.SQL("drop role {}").format(role))


def end_sessions(database: Database) -> None:
    """What stands for a restart where the server is not ours: every other connection ends."""
    with database.connect(dbname="postgres") as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where starts_with(datname, %s) and backend_type = 'client backend'",
            [database.params["dbname"]],
        )


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
