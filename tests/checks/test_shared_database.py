"""A database that two projects share: each check answers for its own project."""

from __future__ import annotations

import io
import json

import pytest

from tasklib.catalog.scope import NO_MANIFEST
from tasklib.tasks import cdc_health, history, status
from tasklib.tasks.report import write
from tests.checks.shop import Shop, ask_cdc_health, ask_freshness, ask_verify, spoil
from tests.support.dbt_project import DbtProject

Capsys = pytest.CaptureFixture[str]
LEFT_OUT = "1 stream table(s) of the database (--all covers them)"


@pytest.fixture
def shared(scheduled: Shop) -> Shop:
    """Our `analytics.totals`, and the other project's `others.stock` on a source of its own."""
    scheduled.database.execute(
        "create schema others; create table others.goods (id int primary key, amount int); "
        "insert into others.goods values (1, 5)"
    )
    scheduled.create()
    scheduled.create("select id, amount from others.goods", "others.stock")
    return scheduled


def suspend(shop: Shop) -> None:
    shop.database.query("select pgtrickle.alter_stream_table('others.stock', status => %s)",
                        "SUSPENDED")  # fmt: skip


def rows(shop: Shop, table: str = "others.stock") -> int:
    return int(shop.database.value(f"select count(*) from {table}"))


def test_another_projects_error_is_left_out_and_all_takes_it_in(
    shared: Shop, capsys: Capsys
) -> None:
    suspend(shared)
    answer = ask_freshness(shared, capsys)
    assert (answer.status, [row["subject"] for row in answer.document["results"]]) == (
        0, ["analytics.totals"],
    )  # fmt: skip
    assert LEFT_OUT in answer.document["notes"][0]
    everything = ask_freshness(shared, capsys, everything=True)
    assert (everything.status, everything.document["notes"]) == (1, [])
    assert everything.row("others.stock")["reason"] == "suspended"


def test_another_projects_lost_changes_are_left_out_and_all_takes_them_in(
    shared: Shop, capsys: Capsys
) -> None:
    shared.database.execute("alter table others.goods disable trigger all")
    answer = ask_cdc_health(shared, capsys)
    assert (answer.status, [row["subject"] for row in answer.document["results"]]) == (
        0, ["shop.orders"],
    )  # fmt: skip
    assert LEFT_OUT in answer.document["notes"][0]
    everything = ask_cdc_health(shared, capsys, everything=True)
    assert everything.row("others.goods")["reason"] == "trigger_disabled"


def test_another_projects_trigger_on_a_source_of_ours_is_its_own_concern(
    shared: Shop, capsys: Capsys
) -> None:
    shared.create("select customer from shop.orders", "others.copy", refresh_mode="IMMEDIATE")
    for name in shared.capture_triggers():
        if name.startswith("pgt_ivm"):
            shared.database.execute(f'drop trigger "{name}" on shop.orders')
    assert ask_cdc_health(shared, capsys).status == 0
    assert ask_cdc_health(shared, capsys, everything=True).status == 1


def test_another_projects_wrong_rows_are_neither_shown_nor_repaired_without_all(
    shared: Shop, capsys: Capsys
) -> None:
    spoil(shared, "delete from others.stock", "others.stock")
    answer = ask_verify(shared, capsys, repair=True, yes=True)
    assert (answer.status, rows(shared)) == (0, 0)
    assert LEFT_OUT in answer.document["notes"][0]
    assert ask_verify(shared, capsys, everything=True).status == 1
    assert ask_verify(shared, capsys, everything=True, repair=True, yes=True).status == 0
    assert rows(shared) == 1


def test_what_ours_read_is_covered_whoever_made_it(shared: Shop, capsys: Capsys) -> None:
    shared.database.query("select pgtrickle.drop_stream_table('analytics.totals')")
    shared.create("select id, count(*) as orders from others.stock group by id")
    suspend(shared)
    answer = ask_freshness(shared, capsys)
    assert (answer.status, answer.row("others.stock")["reason"]) == (1, "suspended")
    assert "which is not fresh" in answer.row("analytics.totals")["cause"]
    assert {row["subject"] for row in ask_cdc_health(shared, capsys).document["results"]} == {
        "others.goods", "others.stock",
    }  # fmt: skip


def test_whom_one_asks_for_by_name_is_judged_whoever_made_it(shared: Shop, capsys: Capsys) -> None:
    suspend(shared)
    answer = ask_freshness(shared, capsys, "others.stock")
    assert (answer.status, answer.document["notes"]) == (1, [])


def test_status_and_history_show_this_projects_alone_unless_all_is_asked_for(
    shared: Shop, capsys: Capsys
) -> None:
    for everything in (False, True):
        capsys.readouterr()
        status.show(shared.project, everything=everything, as_json=True)
        shown = json.loads(capsys.readouterr().out)
        subjects = {row["subject"] for row in shown["results"]}
        assert ("others.stock" in subjects, bool(shown["notes"])) == (everything, not everything)
        history.show(shared.project, everything=everything, as_json=True)
        refreshes = json.loads(capsys.readouterr().out)["results"]
        assert ("others.stock" in {row["subject"] for row in refreshes}) is everything


def test_the_report_shows_this_projects_alone_unless_all_is_asked_for(
    shared: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = tmp_path_factory.mktemp("page") / "report.html"
    text = write(shared.project, page).read_text()
    assert ("analytics.totals" in text, "others." in text, LEFT_OUT in text) == (True, False, True)
    assert "others.stock" in write(shared.project, page, everything=True).read_text()


def test_before_dbt_has_run_all_is_covered_and_that_is_said(shared: Shop, capsys: Capsys) -> None:
    suspend(shared)
    spoil(shared, "delete from analytics.totals")
    (shared.project.root / "target" / "manifest.json").unlink()
    answers = [ask(shared, capsys) for ask in (ask_freshness, ask_cdc_health, ask_verify)]
    assert [answer.document["notes"] for answer in answers] == [[NO_MANIFEST]] * 3
    assert [answer.status for answer in answers] == [1, 0, 1]
    assert answers[0].row("others.stock")["reason"] == "suspended"


def test_what_a_repair_fills_anew_is_named_before_it_does(
    shared: Shop, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.create("select id from shop.orders", "others.ids")
    shared.database.execute("alter table shop.orders disable trigger all")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert cdc_health.check(shared.project, repair=True) == 1
    asked = capsys.readouterr().out
    assert "repair shop.orders, and fill anew analytics.totals, others.ids?" in asked


def test_a_repair_of_a_source_fills_anew_whoever_reads_it(shared: Shop, capsys: Capsys) -> None:
    shared.create("select id from shop.orders", "others.ids")
    shared.database.execute("alter table shop.orders disable trigger all")
    shared.database.execute("insert into shop.orders values (1000, 'lost', 5)")
    assert ask_cdc_health(shared, capsys, repair=True, yes=True).status == 0
    assert rows(shared, "others.ids") == 31


def test_the_operations_answer_for_this_project_too(shared: Shop) -> None:
    suspend(shared)
    shared.database.execute("alter table others.goods disable trigger all")
    dbt = DbtProject(shared.project.root, shared.database)
    for operation in ("pgtrickle_check_freshness", "pgtrickle_check_cdc_health"):
        assert "others." not in dbt.dbt("run-operation", operation).log
        told = dbt.dbt("run-operation", operation, "--args", "{everything: true}", check=False)
        assert (told.success, "ERROR others." in told.log) == (False, True)
