"""A streaming read replica: checks answer there, or say that only the primary can."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tasklib.base import env_file
from tests.checks.remedies import give_tasks
from tests.checks.shop import Shop, model, open_shop, scheduler, until
from tests.support.postgres import Database
from tests.support.replica import catch_up, replica_of
from tests.support.warm import programs

# by the arguments: what writes, which is all that a replica can't
REFUSED = (
    ("verify",), ("soak",), ("refresh",), ("pause", "totals"), ("resume", "totals"),
    ("drop", "totals", "--yes"), ("drop-all", "--yes"), ("drop-all", "--schema", "pr_12", "--yes"),
    ("prune", "--yes"), ("cdc-health", "--repair", "--yes"), ("deploy",), ("rollback",),
    ("rewrite", "totals"), ("certify",),
)  # fmt: skip


@pytest.fixture
def primary(tmp_path: Path, database: Database) -> Iterator[Shop]:
    """The shop, kept fresh by a scheduler."""
    shop = open_shop(model(", schedule='1s'"), tmp_path / "project", database)
    (shop.project.root / "invoke.yaml").write_text("pgtrickle: {engine: external, slug: shop}\n")
    give_tasks(shop)
    with scheduler(database):
        shop.create(schedule="1s")
        yield shop


def ask(shop: Shop, *task: str, status: int = 0) -> str:
    done = subprocess.run(
        [programs() / "invoke", *task], cwd=shop.project.root, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == status, f"{task}: {done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout
    return done.stdout


@pytest.mark.timeout(300)
def test_a_replica_tells_what_its_readers_see_and_what_only_the_primary_can(primary: Shop) -> None:
    source = primary.database
    with replica_of(source) as replica:
        env_file.update(primary.project.root / ".env", replica.env)

        for check in ("freshness", "cdc-health"):
            assert f"{check}: 1 ok" in ask(primary, check)
        told = ask(primary, "cdc-health", "--json")
        assert "pg_trickle's own alerts are for the primary to tell" in told
        told = ask(primary, "status")
        assert "analytics.totals" in told and "this is a read replica" in told
        assert "this is a read replica: freshness" in ask(primary, "up", "--engine", "external")
        assert json.loads(ask(primary, "history", "--json"))["results"]
        families = text_string_to_metric_families(ask(primary, "metrics"))
        values = {one.name: one.value for family in families for one in family.samples}
        assert values["pgtrickle_up"] == values["pgtrickle_scheduler_up"] == 1
        assert values["pgtrickle_stream_table_age_seconds"] < 60

        source.execute("insert into shop.orders values (1000, 'new', 5)")
        seen = "select exists (select from analytics.totals where customer = 'new')"
        until(lambda: replica.value(seen), "the replica doesn't show what came")

        for task in REFUSED:
            told = ask(primary, *task, status=2)
            assert re.search(rf"is a read replica, and invoke {task[0]}\b.* has to write", told)
            assert "Ask the primary." in told
        told = ask(primary, "plan", status=2)
        assert "PGT016" in told and "Run dbt on the primary" in " ".join(told.split())

        # what the primary finds wrong its replica finds wrong
        primary.alter(status="SUSPENDED")
        source.execute("alter table shop.orders disable trigger all")
        catch_up(source, replica)
        assert "suspended" in ask(primary, "freshness", "--json", status=1)
        assert "trigger_disabled" in ask(primary, "cdc-health", "--json", status=1)
