"""An ordinary week: edits, runs of parts, writes, refreshes, runs that are broken off."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys

import psycopg

from tasklib.tasks.prune import prune as prune_project
from tasklib.tasks.refresh import refresh as refresh_project
from tests.walk.life import Life
from tests.walk.models import SOURCES

WRITES = (
    "insert into raw.{t} values ({n}, {n} % 5, {n}) on conflict (id) do update set v = {n}",
    "update raw.{t} set v = v + {n}, k = (k + 1) % 5 where id % 4 = {n} % 4",
    "delete from raw.{t} where id % 9 = {n} % 9",
    "insert into raw.{t} select i, i % 5, i from generate_series({n}, {n} + 9) i on conflict do nothing",
)
END_SESSIONS = """
import json, sys, time, psycopg
time.sleep(float(sys.argv[2]))
with psycopg.connect(**json.loads(sys.argv[1])) as connection:
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                       "and application_name = 'dbt'")
"""


def edit_all(life: Life) -> str:
    return f"{_edit(life)}; {life.run()}"


def edit_part(life: Life) -> str:
    return f"{_edit(life)}; {run_part(life)}"


def run_part(life: Life) -> str:
    name = life.chance.choice(life.models.models).name
    return life.run("--select", life.chance.choice(["{}", "{}+", "+{}", "1+{}+1"]).format(name))


def rebuild(life: Life) -> str:
    return life.run("--full-refresh")


def write(life: Life) -> str:
    table, number = life.chance.choice(SOURCES), life.chance.randrange(1, 40)
    statement = life.chance.choice(WRITES).format(t=table, n=number)
    try:
        life.database.execute(statement)
    except psycopg.Error as error:
        return f"{statement} (failed: {error})"
    return statement


def refresh(life: Life) -> str:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        refresh_project(life.tasks())
    return "refresh"


def prune(life: Life) -> str:
    """What has no model any more goes."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        prune_project(life.tasks(), yes=True)
    return f"prune: {said.getvalue().strip().splitlines()[-1]}"


def restart(life: Life) -> str:
    life.restart()
    return f"restart; {life.run()}"


def break_off(life: Life) -> str:
    """dbt's sessions end in the middle of a run."""
    edit = _edit(life)
    after = str(life.chance.uniform(0.2, 1.5))
    ended = subprocess.Popen(
        [sys.executable, "-c", END_SESSIONS, json.dumps(life.database.params), after]
    )
    told = life.run()
    ended.wait()
    return f"{edit}; sessions ended during: {told}"


def _edit(life: Life) -> str:
    return ", ".join(life.models.edit() for _ in range(life.chance.randrange(1, 4)))
