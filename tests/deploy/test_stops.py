"""`invoke deploy` and `rollback` killed, or Ctrl-C: production is as it was, or new and whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.checks.shop import scheduler
from tests.deploy.shop import CHANGED, invoke, open_shop, relations
from tests.materialization.shop import refresh
from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database

# `invoke`, which ends right after a function has done its work for the first time
STOPPED = """
import os, signal, sys
from importlib import import_module
from invoke.main import program
module, name, how = sys.argv[1:4]
holder = import_module(f"tasklib.tasks.deploy.{module}")
done = getattr(holder, name)
def stopped(*args, **kwargs):
    result = done(*args, **kwargs)
    setattr(holder, name, done)
    if how == "kill":
        os._exit(9)
    signal.raise_signal(signal.SIGINT)
    return result
setattr(holder, name, stopped)
sys.argv[:4] = ["invoke"]
program.run()
"""
KILL, CTRL_C = ("kill", 9), ("ctrl-c", 1)
# _exchange is the swap's transaction before its end
BEFORE = (
    ("versions", "create"), ("build", "build"), ("readers", "following"),
    ("checks", "copy_indexes"), ("checks", "catch_up"), ("checks", "check"),
    ("checks", "wait_for_snapshots"), ("swap", "_exchange"),
)  # fmt: skip
AFTER = (("task", "swap"), ("versions", "drop_others"))
BOUND = """
    select source_relid::regclass::text as source
    from pgtrickle.pgt_dependencies join pgtrickle.pgt_stream_tables using (pgt_id)
    where pgt_schema = 'public' and source_type = 'STREAM_TABLE'
"""


def stop(shop: DbtProject, step: tuple[str, str], how: tuple[str, int], *task: str) -> str:
    """Run a task of invoke's that is stopped after a step; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPED, *step, how[0], "--search-root", str(ROOT), *task],
        cwd=shop.root, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == how[1], f"{step} {how}: {done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


@pytest.fixture
def shop(database: Database, dbt_project: Callable[..., DbtProject]) -> Iterator[DbtProject]:
    """In production, with a change to release; a stream table of somebody else's reads it."""
    made = open_shop(database, dbt_project)
    database.execute(
        "select pgtrickle.create_stream_table("
        "'public.copy', 'select sum(orders) as orders from analytics.totals', schedule => '1h')"
    )
    made.write({"models/totals.sql": CHANGED})
    with scheduler(database):
        yield made


def works(database: Database, *, columns: int, others: bool = True) -> None:
    """What is in use follows its sources, and has the columns of the one version or the other."""
    database.execute("insert into raw.orders select max(id) + 1, 'region 0', 5 from raw.orders")
    count = "(select count(*) from raw.orders)"
    for name in ("analytics.totals", "analytics.more", *(["public.copy"] if others else [])):
        refresh(database, name)
    assert database.value(f"select sum(orders) = {count} from analytics.totals")
    assert not others or database.value(f"select orders = {count} from public.copy")
    shown = (
        "select count(*) from pg_attribute where attrelid = 'analytics.totals'::regclass"
        " and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')"
    )
    assert database.value(shown) == columns


def in_use(database: Database) -> dict[str, int]:
    """OIDs of what isn't in a schema of a deploy's."""
    return {name: oid for name, oid in relations(database).items() if "analytics__" not in name}


def schemas(database: Database) -> list[str]:
    """The schemas of a deploy's."""
    rows = database.query("select nspname from pg_namespace where nspname like 'analytics\\_\\_%'")
    return [row["nspname"] for row in rows]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("how", "steps"),
    [
        (KILL, BEFORE[1::6]),
        pytest.param(KILL, BEFORE, marks=pytest.mark.long),
        pytest.param(CTRL_C, BEFORE, marks=pytest.mark.long),
    ],
    ids=["killed twice", "killed after each", "ctrl-c after each"],
)
def test_stopped_before_the_swap_production_is_as_it_was_and_the_next_deploy_goes_through(
    shop: DbtProject, database: Database, steps: tuple[tuple[str, str], ...], how: tuple[str, int]
) -> None:
    before = in_use(database)
    for step in steps:
        stop(shop, step, how, "deploy")
        assert in_use(database) == before, step
        works(database, columns=3)
        # whoever is interrupted takes away what was built
        assert set(schemas(database)) <= ({"analytics__next"} if how == KILL else set()), step
    invoke(shop, "deploy")
    assert len(schemas(database)) == 1
    works(database, columns=4)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("how", "steps"),
    [(CTRL_C, AFTER[:1]), pytest.param(KILL, AFTER, marks=pytest.mark.long)],
    ids=["ctrl-c", "killed after each"],
)
def test_stopped_after_the_swap_it_is_in_use_and_the_next_call_does_the_rest(
    shop: DbtProject, database: Database, steps: tuple[tuple[str, str], ...], how: tuple[str, int]
) -> None:
    former = in_use(database)["analytics.totals"]
    for step in steps:
        told = stop(shop, step, how, "deploy")
        assert "Stopped after the swap" in told or how == KILL
        assert in_use(database)["analytics.totals"] != former, step
        works(database, columns=4, others=step == AFTER[-1])
        assert "nothing changes" in invoke(shop, "deploy")
        assert len(schemas(database)) == 1
        assert bound_to(database) == "analytics.totals"
        works(database, columns=4)

        task = ("rollback", "--keep", "1 second")
        told = stop(shop, ("rollback" if step[0] == "task" else step[0], step[1]), how, *task)
        assert "Stopped after the swap" in told or how == KILL
        assert in_use(database)["analytics.totals"] == former, step
        works(database, columns=3, others=step == AFTER[-1])
        assert "Every stream table" not in invoke(shop, "prune", "--yes")
        assert (schemas(database), bound_to(database)) == ([], "analytics.totals")
        works(database, columns=3)


def bound_to(database: Database) -> str:
    return str(database.value(BOUND))
