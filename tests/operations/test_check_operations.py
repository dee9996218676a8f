"""dbt run-operation pgtrickle_check_freshness and pgtrickle_check_cdc_health."""

from __future__ import annotations

import json

import pytest

from tasklib.tasks import cdc_health
from tasklib.tasks.freshness import task as freshness
from tests.checks.shop import scheduler
from tests.operations.conftest import Chain


def test_freshness_prints_a_line_for_each_table_and_succeeds(chain: Chain) -> None:
    chain.create_all()
    with scheduler(chain.database):
        log = chain.operation("pgtrickle_check_freshness")
    for subject in ("analytics.totals", "marts.spread", "analytics.summit", "analytics.aside"):
        assert f"OK {subject}" in log


def test_freshness_fails_with_cause_and_remedy(chain: Chain) -> None:
    chain.create_all()
    chain.alter(status="SUSPENDED")
    log = chain.operation("pgtrickle_check_freshness", check=False)
    assert "analytics.totals: suspended" in log
    assert "invoke resume totals" in log


def test_freshness_fails_for_a_model_that_was_never_built(chain: Chain) -> None:
    log = chain.operation("pgtrickle_check_freshness", check=False, model_name="summit")
    assert "analytics.summit: a model of this project that is not in the database" in log


def test_freshness_fails_for_a_name_that_does_not_exist(chain: Chain) -> None:
    chain.create_all()
    log = chain.operation("pgtrickle_check_freshness", check=False, model_name="sumit")
    assert "sumit: no model and no stream table has this name" in log


def test_freshness_takes_its_limits_under_upstreams_names(chain: Chain) -> None:
    chain.create_all()
    chain.age("last_refresh_at", "2 hours")
    with scheduler(chain.database):
        log = chain.operation(
            "pgtrickle_check_freshness", model_name="totals", warn_seconds=60, error_seconds=9000
        )
        assert "WARN analytics.totals" in log
        chain.operation(
            "pgtrickle_check_freshness", check=False, model_name="totals", error_seconds=3600
        )


def test_cdc_health_fails_when_a_trigger_is_disabled(chain: Chain) -> None:
    chain.create_all()
    assert "OK shop.orders" in chain.operation("pgtrickle_check_cdc_health")
    chain.database.execute("alter table shop.orders disable trigger all")
    log = chain.operation("pgtrickle_check_cdc_health", check=False)
    assert "shop.orders: capture triggers are disabled" in log


def test_operations_and_tasks_give_the_same_verdicts(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    chain.create_all()
    chain.alter(status="SUSPENDED")
    chain.database.execute("alter table shop.orders disable trigger all")
    for operation, check in (
        ("pgtrickle_check_freshness", freshness.check),
        ("pgtrickle_check_cdc_health", cdc_health.check),
    ):
        log = chain.operation(operation, check=False)
        capsys.readouterr()
        assert check(chain.project, as_json=True) == 1
        rows = json.loads(capsys.readouterr().out)["results"]
        assert rows
        for row in rows:
            cause = f": {row['cause']}" if row["cause"] else ""
            assert f"{row['verdict'].upper()} {row['subject']}{cause}" in log


@pytest.mark.parametrize(
    "operation",
    ["pgtrickle_check_freshness", "pgtrickle_check_cdc_health", "refresh_all_stream_tables",
     "drop_all_stream_tables", "drop_all_stream_tables_force"],
)  # fmt: skip
def test_without_the_extension_an_operation_fails_with_the_remedy(
    chain: Chain, operation: str
) -> None:
    chain.database.execute(f"drop extension {chain.database.extension} cascade")
    log = chain.operation(operation, check=False)
    assert "pg_trickle is not installed" in log
    assert "create extension" in log


def test_a_limit_that_is_no_number_is_told_as_one(chain: Chain) -> None:
    for name in ("warn_seconds", "error_seconds"):
        log = chain.operation("pgtrickle_check_freshness", check=False, **{name: "abc"})
        assert f'{name} is "abc", which is no number of seconds' in log
        assert "invalid input syntax" not in log


@pytest.mark.parametrize(
    ("operation", "name"),
    [("pgtrickle_check_freshness", "everything"), ("pgtrickle_check_cdc_health", "everything"),
     ("pgtrickle_prune", "drop")],
)  # fmt: skip
def test_a_switch_that_is_neither_true_nor_false_is_told(
    chain: Chain, operation: str, name: str
) -> None:
    log = chain.operation(operation, check=False, **{name: "x"})
    assert f'{name} is "x", which is neither true nor false' in log
    assert "invalid input syntax" not in log


@pytest.mark.parametrize("given", [{}, {"model_name": [1]}])
def test_a_refresh_of_no_name_is_told(chain: Chain, given: dict[str, object]) -> None:
    log = chain.operation("pgtrickle_refresh", check=False, **given)
    assert "given no name of a model" in log
    assert "{model_name: NAME}" in log
