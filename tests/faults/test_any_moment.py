"""A task that is stopped at any moment: the next call of it mends that, or says what to type."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import psycopg
import pytest

from tests.support.workspace import Workspace, workspace

MOMENTS = 20 if os.environ.get("PGTRICKLE_LONG_TESTS") else 3
HEAD = "{{ config(materialized='stream_table', schedule='1d', trial_seconds=0.3, trial_rows=3) }}\n"
SUMS = "select customer, sum(amount) as amount from {{ ref('orders') }} group by customer"
PROJECT = """
name: shop
version: 1.0.0
profile: shop
on-run-end: ["{{ pgtrickle_rebind() }}"]
"""
FILES = {
    "dbt_project.yml": PROJECT,
    "seeds/orders.csv": "id,customer,amount\n" + "".join(f"{i},c{i % 4},{i}\n" for i in range(40)),
    "models/sums.sql": HEAD + SUMS,
    "models/large.sql": HEAD + "select customer, amount from {{ ref('sums') }} where amount > 3",
}
HELD = "select count(*) as tables from pgtrickle.pgt_stream_tables where status = 'ACTIVE'"
# whatever the sums are by now, and whatever the seeds were changed to
DIFFERENT = """
select count(*) as rows from (
  select customer, sum(amount)::numeric as amount from analytics.orders group by customer
  except select customer, amount::numeric from analytics.sums) as missing
"""
WIDER = """
select from pg_attribute where attrelid = 'analytics.sums'::regclass and attname = 'orders'
"""
LEFT = r"select relname from pg_class where relname ~ '__dbt_(tmp|backup)$'"
# what a sentence tells to type
TOLD = re.compile(r"invoke ((?:[a-z-]+)(?: --(?:volumes|yes|repair|full-refresh))*)")


@dataclass(frozen=True)
class Stopped:
    """A task's words, what to do before it, and the exit statuses that are fine afterwards."""

    words: str
    prepare: Callable[[Workspace], object]
    statuses: tuple[int, ...] = (0,)


def write(project: Workspace, files: Mapping[str, str] = FILES) -> None:
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def built(project: Workspace) -> None:
    """Everything runs, and is as the models say."""
    write(project)
    try:
        whole = project.query(HELD)[0]["tables"] == len(FILES) - 2
    except (psycopg.Error, KeyError, IndexError):
        whole = False
    if not whole:
        project.invoke("up")
        project.invoke("build")
        project.invoke("resume", "sums", "large")
    project.query("update analytics.orders set amount = amount + 1 where id = 1")


def changed(project: Workspace) -> None:
    """The models say something else than what is there."""
    built(project)
    if not project.query(WIDER):
        wider = SUMS.replace(" from", ", count(*) as orders from")
        write(project, {"models/sums.sql": HEAD + wider})


def deployed(project: Workspace) -> None:
    changed(project)
    project.invoke("deploy")


def orphaned(project: Workspace) -> None:
    """A stream table has no model any more."""
    built(project)
    write(project, {"models/more.sql": HEAD + SUMS})
    project.invoke("run", "--select", "more")
    (project.root / "models" / "more.sql").unlink()


def unadopted(project: Workspace) -> None:
    """A file lacks what a project made by the template has in it."""
    built(project)
    (project.root / ".gitignore").unlink(missing_ok=True)


def damaged(project: Workspace) -> None:
    """A stream table isn't what its query gives."""
    built(project)
    project.query(
        "alter table analytics.sums disable trigger all; delete from analytics.sums;"
        "alter table analytics.sums enable trigger all",
        **project.superuser,
    )


TASKS = {
    "up, the first": Stopped("up", lambda project: project.invoke("down", "--volumes", "--yes")),
    "up": Stopped("up", lambda project: project.invoke("down")),
    "down": Stopped("down", lambda project: project.invoke("up")),
    "down --volumes": Stopped("down --volumes --yes", lambda project: project.invoke("up")),
    "run": Stopped("run", changed),
    "run --full-refresh": Stopped("run --full-refresh", built),
    "build": Stopped("build", changed),
    "seed": Stopped("seed --full-refresh", built),
    "plan": Stopped("plan", changed),
    "deploy": Stopped("deploy", changed),
    "rollback": Stopped("rollback", deployed, (0, 1)),  # 1: it is done already
    "refresh": Stopped("refresh", built),
    "verify --repair": Stopped("verify --repair --yes", damaged, (0, 1)),  # 1: it differed
    "soak": Stopped("soak --rounds 2 --timeout 5", built),
    "advise": Stopped("advise --measure", built),
    "report": Stopped("report", built),
    "pause": Stopped("pause sums", built),
    "resume": Stopped("resume sums", built),
    "drop": Stopped("drop sums --yes", built, (0, 2)),  # 2: there is none any more
    "prune": Stopped("prune --yes", orphaned),
    "drop-all": Stopped("drop-all --yes", built),
    "drop-all --schema": Stopped("drop-all --schema analytics --yes", built, (0, 1, 2)),
    "upgrade": Stopped("upgrade --yes", built),
    "freshness": Stopped("freshness", built),
    "cdc-health": Stopped("cdc-health --repair --yes", built),
    "status": Stopped("status", built),
    "doctor": Stopped("doctor", built, (0, 1)),
    "adopt": Stopped("adopt --yes", unadopted),
    "certify": Stopped("certify --match having", built),
    "rewrite": Stopped("rewrite sums", built),
    "metrics": Stopped("metrics", built),
    "history": Stopped("history", built),
    "wait": Stopped("wait sums", built),
}
SHORT = {"up, the first", "run"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("stopped") / "shop"
    settings = {"engine": "embedded", "extension": "pg_trickle_lite"}
    with workspace(folder, settings=settings) as made:
        made.write_profiles()
        yield made


def call(project: Workspace, words: str) -> tuple[int, str]:
    """Like Workspace.invoke, whatever the exit status."""
    with project.popen(*words.split(), warm=True) as process:
        output = process.communicate(timeout=120)[0]
    assert "Traceback" not in output, (words, output)
    return process.returncode, output


def stop(process: subprocess.Popen[str], whom: str) -> None:
    """End it as a user, a machine without memory, or a machine that is switched off would."""
    if process.poll() is None:
        if whom == "itself":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGINT if whom == "asked" else signal.SIGKILL)
    process.communicate(timeout=60)


@pytest.mark.timeout(120 * MOMENTS)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in SHORT else [pytest.mark.long]) for name in TASKS],
)
def test_after_a_stop_at_any_moment_the_next_call_mends_it_or_says_what_to_type(
    project: Workspace, name: str
) -> None:
    task = TASKS[name]
    moments = random.Random(name)  # noqa: S311 no secret
    task.prepare(project)
    started = time.monotonic()
    assert call(project, task.words)[0] in task.statuses
    taken = time.monotonic() - started
    for number in range(MOMENTS):
        task.prepare(project)
        process = project.popen(*task.words.split(), start_new_session=True)
        moment = moments.uniform(0.1, taken)
        time.sleep(moment)
        stop(process, ("itself", "all", "asked")[number % 3])
        status, told = call(project, task.words)
        if status not in task.statuses:
            typed = TOLD.findall(told)
            assert typed, (moment, status, told)
            call(project, typed[0])
            status, told = call(project, task.words)
        assert status in task.statuses, (moment, status, told)
    built(project)
    assert project.query(LEFT) == []
    project.invoke("refresh")
    assert project.query(DIFFERENT) == [{"rows": 0}]
