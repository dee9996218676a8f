"""A short random walk, and dbt against itself: random edits of a random project, many threads, two processes."""

from __future__ import annotations

import contextlib
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.materialization.test_side_by_side import start
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.walk.models import TABLES, Models
from tests.walk.walk import end_sessions, take

Make = Callable[..., DbtProject]
# tests.walk.walk takes a long one
SECONDS = 20


def test_after_each_step_every_stream_table_is_right_or_named_by_freshness(
    database: Database, tmp_path: Path
) -> None:
    began, walk = time.monotonic(), take(database, tmp_path, 2, 20, lambda: end_sessions(database))
    with contextlib.closing(walk):
        for number, (did, wrong) in enumerate(walk, 1):
            assert wrong == [], f"step {number}: {did}"
            if number >= 3 and time.monotonic() - began > SECONDS:
                break


def broken(database: Database) -> list[str]:
    """The stream tables that are not active, or are bound to what is gone."""
    rows = database.query(
        "select pgt_name from pgtrickle.pgt_stream_tables s where status <> 'ACTIVE' or exists ("
        "select 1 from pgtrickle.pgt_dependencies d where d.pgt_id = s.pgt_id "
        "and not exists (select from pg_class where oid = d.source_relid))"
    )
    return [row["pgt_name"] for row in rows]


def rewritten(project: DbtProject, models: Models) -> None:
    shutil.rmtree(project.root / "models")
    project.write(models.files())


def grown(database: Database, dbt_project: Make, seed: int, size: int) -> tuple[Models, DbtProject]:
    """A project of so many random models, and what makes further edits of it."""
    database.execute(TABLES)
    models = Models(random.Random(seed))  # noqa: S311 no secret
    models.grow(size)
    return models, dbt_project(models.files())


@pytest.mark.parametrize(("seed", "threads"), [(1, 16), (2, 8), (3, 4)])
def test_random_edits_of_a_random_project_fail_no_run_with_many_threads(
    database: Database, dbt_project: Make, seed: int, threads: int
) -> None:
    models, project = grown(database, dbt_project, seed, 14)
    for _ in range(3):
        project.dbt("run", "--threads", str(threads))
        assert broken(database) == []
        edits = [models.edit(keeping=True) for _ in range(6)]
        rewritten(project, models)
    project.dbt("run", "--threads", str(threads))
    assert broken(database) == [], edits


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.long) for n in (2, 3, 4))])
def test_random_edits_of_a_random_project_fail_no_run_with_two_dbt_processes(
    database: Database, dbt_project: Make, seed: int
) -> None:
    models, project = grown(database, dbt_project, seed, 8)
    for _ in range(2):
        processes = [start(project, 4, name) for name in ("one", "two")]
        outputs = [process.communicate(timeout=200)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], "\n".join(outputs)
        assert broken(database) == []
        for _ in range(5):
            models.edit(keeping=True)
        rewritten(project, models)
