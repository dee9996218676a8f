"""Dropping: dependents first, and nothing unsaid."""

from __future__ import annotations

import io
import shlex

import pytest

from tasklib.base.errors import UserError
from tasklib.tasks.drop import drop, drop_all
from tests.operations.conftest import QUERIES, Chain
from tests.support.dbt_project import DbtProject

Capsys = pytest.CaptureFixture[str]
FOREIGN = ("select id from shop.orders", "analytics.not_of_dbt")


def test_the_operation_drops_what_dbt_manages_in_every_schema(chain: Chain) -> None:
    chain.create_all()
    chain.create(*FOREIGN)
    log = chain.operation("drop_all_stream_tables")
    assert chain.tables() == ["not_of_dbt"]
    assert log.index("analytics.summit") < log.index("marts.spread") < log.index("analytics.totals")


def test_the_operation_with_force_drops_everything(chain: Chain) -> None:
    chain.create_all()
    chain.create(*FOREIGN)
    chain.operation("drop_all_stream_tables_force")
    assert chain.tables() == []
    assert "drop: 0 stream table(s)" in chain.operation("drop_all_stream_tables_force")


def test_the_task_lists_what_goes_with_its_views_and_asks(
    chain: Chain, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.create_all()
    chain.database.execute("create view analytics.shown as select customer from analytics.totals")
    chain.database.execute("create view analytics.further as select * from analytics.shown")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(UserError, match="Nothing was dropped"):
        drop_all(chain.project)
    text = capsys.readouterr().out
    assert "analytics.totals  (and with it: analytics.further, analytics.shown)" in text
    assert text.index("analytics.summit") < text.index("marts.spread") < text.index(".totals")
    assert len(chain.tables()) == 4
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    drop_all(chain.project)
    assert chain.tables() == []
    assert chain.database.value("select to_regclass('analytics.further')") is None


def test_no_answer_is_a_no(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    chain.create_all()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(UserError, match="Nothing was dropped"):
        drop_all(chain.project)
    assert len(chain.tables()) == 4


def test_without_force_a_table_of_someone_else_stays(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    chain.create(*FOREIGN)
    drop_all(chain.project, yes=True)
    assert chain.tables() == ["not_of_dbt"]
    drop_all(chain.project, yes=True, force=True)
    assert chain.tables() == []
    drop_all(chain.project, yes=True)
    assert "no stream table to drop" in capsys.readouterr().out


def test_a_reader_that_would_stay_stops_it_before_the_first_drop(chain: Chain) -> None:
    chain.create_all()
    chain.create("select customer from analytics.totals", "analytics.not_of_dbt")
    with pytest.raises(UserError, match=r"analytics.totals is read by analytics.not_of_dbt"):
        drop_all(chain.project, yes=True)
    log = chain.operation("drop_all_stream_tables", check=False)
    assert "analytics.totals is read by analytics.not_of_dbt, which would stay" in log
    assert len(chain.tables()) == 5
    remedy = "run-operation pgtrickle_drop_stream_table --args '{name: analytics.not_of_dbt}'"
    assert remedy in log
    DbtProject(chain.project.root, chain.database).dbt(*shlex.split(remedy))
    chain.operation("drop_all_stream_tables")
    assert chain.tables() == []


def test_a_table_of_the_same_name_in_another_schema_stays(chain: Chain) -> None:
    chain.create_all()
    chain.create("select id from shop.orders", "marts.totals")
    drop_all(chain.project, yes=True)
    assert chain.tables() == ["totals"]


def test_without_a_manifest_only_force_drops(chain: Chain) -> None:
    chain.create_all()
    (chain.project.root / "target" / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"no manifest.json"):
        drop_all(chain.project, yes=True)
    drop_all(chain.project, yes=True, force=True)
    assert chain.tables() == []


@pytest.mark.parametrize("way", ["operation", "task"])
def test_an_immediate_one_goes_although_its_source_has_gone_before(chain: Chain, way: str) -> None:
    chain.create(QUERIES["totals"], schedule=None, refresh_mode="IMMEDIATE")
    chain.database.execute("drop table shop.orders cascade")
    if way == "operation":
        chain.operation("drop_all_stream_tables")
    else:
        drop_all(chain.project, yes=True)
    assert chain.tables() == []


def test_one_goes_with_those_of_this_project_that_read_it_after_a_question(
    chain: Chain, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.create_all()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(UserError, match="Nothing was dropped"):
        drop(chain.project, ["spread"])
    text = capsys.readouterr().out
    assert text.index("analytics.summit") < text.index("marts.spread")
    assert "analytics.totals" not in text
    drop(chain.project, ["marts.spread"], yes=True)
    assert chain.tables() == ["aside", "totals"]


def test_one_that_no_model_makes_can_be_dropped_by_its_name(chain: Chain) -> None:
    chain.create_all()
    chain.create(*FOREIGN)
    drop(chain.project, ["analytics.not_of_dbt"], yes=True)
    assert chain.tables() == ["aside", "spread", "summit", "totals"]


def test_another_projects_reader_stops_the_drop_unless_it_is_named_too(chain: Chain) -> None:
    chain.create_all()
    chain.create("select customer from analytics.totals", "analytics.not_of_dbt")
    with pytest.raises(UserError, match=r"read by analytics\.not_of_dbt"):
        drop(chain.project, ["totals"], yes=True)
    assert len(chain.tables()) == 5
    drop(chain.project, ["totals", "not_of_dbt"], yes=True)
    assert chain.tables() == ["aside"]


def test_an_unknown_name_drops_nothing(chain: Chain) -> None:
    chain.create_all()
    with pytest.raises(UserError, match="no model and no stream table") as raised:
        drop(chain.project, ["totals", "tootals"], yes=True)
    assert (raised.value.exit_code, len(chain.tables())) == (2, 4)
