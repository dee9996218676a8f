"""Stream tables whose model was deleted, renamed or disabled: named, and dropped by prune."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tasklib.base.errors import UserError
from tasklib.project.project import Project
from tasklib.tasks.advise.task import advise
from tasklib.tasks.doctor import stream_tables
from tasklib.tasks.drop import drop
from tasklib.tasks.freshness import task as freshness
from tasklib.tasks.pause import pause, resume
from tasklib.tasks.plan import task as plan
from tasklib.tasks.prune import prune
from tasklib.tasks.verify import verify
from tests.materialization.shop import FILES, ORDERS, READS_TOTALS, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

Capsys = pytest.CaptureFixture[str]
Make = Callable[..., DbtProject]


class Work:
    """A dbt project that was run once, and the tasks on it."""

    def __init__(self, dbt: DbtProject) -> None:
        self.dbt = dbt
        self.database = dbt.database
        self.project = Project(
            dbt.root, "shop", "analytics", "external", 5432, "latest", "postgres"
        )
        env = "\n".join(f"{key}={value}" for key, value in self.database.env.items())
        (dbt.root / ".env").write_text(f"{env}\n")

    def delete(self, *models: str) -> None:
        """Delete models, and have dbt write the manifest again."""
        for model in models:
            (self.dbt.root / "models" / f"{model}.sql").unlink()
        self.dbt.dbt("parse")

    def tables(self) -> list[str]:
        rows = self.database.query(
            "select pgt_schema || '.' || pgt_name as name from pgtrickle.pgt_stream_tables "
            "order by 1"
        )
        return [row["name"] for row in rows]

    def operation(self, *args: str, check: bool = True) -> str:
        return self.dbt.dbt("run-operation", "pgtrickle_prune", *args, check=check).log


@pytest.fixture
def work(database: Database, dbt_project: Make) -> Work:
    database.execute(ORDERS)
    files = {
        **FILES,
        "models/summary.sql": READS_TOTALS,
        "models/extra.sql": stream_table_model("select id from {{ source('raw', 'orders') }}"),
    }
    project = dbt_project(files)
    project.artifacts = True
    project.dbt("run")
    return Work(project)


def finding(work: Work) -> tuple[str, str]:
    """What doctor says of the stream tables."""
    (told,) = stream_tables.placed(work.project)
    return told.verdict, told.cause


def test_nothing_is_pruned_while_every_model_is_there(work: Work, capsys: Capsys) -> None:
    prune(work.project, yes=True)
    assert "Every stream table that dbt built here has its model" in capsys.readouterr().out
    assert "has its model" in work.operation("--args", "{drop: true}")
    assert work.tables() == ["analytics.extra", "analytics.summary", "analytics.totals"]
    assert finding(work) == ("ok", "3, each with a table of its own")


def test_deleted_models_are_pruned_dependents_first_after_a_question(
    work: Work, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.delete("totals", "summary")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(UserError, match="Nothing was dropped"):
        prune(work.project)
    told = " ".join(capsys.readouterr().out.split())
    assert "analytics.totals has no model any more: model.shop.totals made it" in told
    assert "; analytics.summary read it" in told
    assert len(work.tables()) == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    prune(work.project)
    assert work.tables() == ["analytics.extra"]


def test_the_operation_lists_and_drops_only_when_told_to(work: Work) -> None:
    work.delete("totals", "summary")
    log = work.operation()
    assert "ORPHAN analytics.totals: model.shop.totals made it" in log
    assert "pgtrickle_prune --args '{drop: true}'" in log
    assert len(work.tables()) == 3
    log = work.operation("--args", "{drop: true}")
    assert log.index("dropped analytics.summary") < log.index("dropped analytics.totals")
    assert work.tables() == ["analytics.extra"]


def test_a_renamed_and_a_disabled_model_leave_an_orphan(work: Work) -> None:
    (work.dbt.root / "models" / "extra.sql").rename(work.dbt.root / "models" / "more.sql")
    summary = READS_TOTALS.replace("schedule=", "enabled=False, schedule=")
    work.dbt.write({"models/summary.sql": summary})
    work.dbt.dbt("run")
    prune(work.project, yes=True)
    assert work.tables() == ["analytics.more", "analytics.totals"]


def test_one_that_another_materialization_makes_now_is_no_orphan(work: Work) -> None:
    work.dbt.write({"models/extra.sql": "{{ config(materialized='table') }} select 1 as id"})
    assert "has its model" in work.operation()


def test_every_check_and_the_plan_name_it_and_what_they_say_drops_it(
    work: Work, capsys: Capsys
) -> None:
    work.delete("extra")
    assert freshness.check(work.project, as_json=True) in (0, 1)
    rows = json.loads(capsys.readouterr().out)["results"]
    (row,) = (row for row in rows if row["subject"] == "analytics.extra")
    assert (row["verdict"], row["reason"], row["remedy"]) == ("warn", "orphan", "invoke prune")
    verify(work.project, as_json=True)
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert notes[-1] == "Without a model any more: analytics.extra (invoke prune)."
    advise(work.project, as_json=True)
    advice = json.loads(capsys.readouterr().out)["results"]
    assert "invoke prune" in [
        row["remedy"] for row in advice if row["subject"] == "analytics.extra"
    ]
    log = work.dbt.dbt("run-operation", "pgtrickle_check_freshness", check=False).log
    assert "WARN analytics.extra: it has no model any more" in log
    assert finding(work) == ("warn", "no model any more, and refreshed for ever: analytics.extra")
    plan.plan(work.project)
    told = " ".join(capsys.readouterr().out.split())
    assert "analytics.extra has no model any more: model.shop.extra made it" in told
    assert "drop it with: invoke prune" in told
    assert "ORPHAN analytics.extra" in work.dbt.dbt("run-operation", "pgtrickle_plan").log
    prune(work.project, yes=True)
    assert work.tables() == ["analytics.summary", "analytics.totals"]
    assert finding(work)[0] == "ok"


@pytest.mark.parametrize("way", ["task", "operation"])
def test_one_that_others_read_stays_and_they_are_named(work: Work, way: str) -> None:
    work.database.query(
        "select pgtrickle.create_stream_table('raw.mine', 'select id from analytics.extra', '1h')"
    )
    work.delete("extra")
    if way == "task":
        with pytest.raises(UserError, match=r"analytics\.extra is read by raw\.mine") as raised:
            prune(work.project, yes=True)
        assert raised.value.remedy == "If nobody needs it, drop it first: invoke drop raw.mine"
        drop(work.project, ["raw.mine"], yes=True)
        prune(work.project, yes=True)
        assert work.tables() == ["analytics.summary", "analytics.totals"]
    else:
        log = work.operation("--args", "{drop: true}", check=False)
        assert "analytics.extra is read by raw.mine, which would stay" in log
        assert len(work.tables()) == 4


@pytest.mark.parametrize(
    "record",
    [
        {"model": "model.bakery.bread", "project": "bakery", "target": "analytics"},
        {"model": "model.shop.totals", "project": "shop", "target": "dev_bob"},
        {},
    ],
    ids=["another project's", "another target's", "nobody's"],
)
def test_what_this_project_did_not_build_here_is_no_orphan(
    work: Work, record: dict[str, Any]
) -> None:
    work.database.execute("create schema dev_bob")
    work.database.query(
        "select pgtrickle.create_stream_table('dev_bob.mine', 'select id from raw.orders', '1h')"
    )
    if record:
        remembered = json.dumps(record)
        work.database.execute(f"comment on column dev_bob.mine.__pgt_row_id is '{remembered}'")
    prune(work.project, yes=True)
    assert "dev_bob.mine" in work.tables()


def test_a_trial_that_is_off_is_no_reason_to_forget_who_built_it(work: Work) -> None:
    record = json.loads(
        work.database.value(
            "select col_description(attrelid, attnum) from pg_attribute "
            "where attrelid = 'analytics.extra'::regclass and attname = '__pgt_row_id'"
        )
    )
    number = work.database.value(
        "select pgt_id from pgtrickle.pgt_stream_tables where pgt_name = 'extra'"
    )
    assert record["trial"]["outcome"] == "off"
    assert (record["project"], record["target"]) == ("shop", "analytics")
    assert (record["model"], record["pgt_id"]) == ("model.shop.extra", number)


def test_an_orphan_can_be_paused_resumed_and_dropped_by_its_name(work: Work) -> None:
    work.delete("extra")
    status = "select status from pgtrickle.pgt_stream_tables where pgt_name = 'extra'"
    pause(work.project, ["analytics.extra"])
    assert work.database.value(status) == "SUSPENDED"
    resume(work.project, ["extra"])
    assert work.database.value(status) == "ACTIVE"
    drop(work.project, ["extra"], yes=True)
    assert work.tables() == ["analytics.summary", "analytics.totals"]
