"""dbt's session may have another search_path and TimeZone than the scheduler, which refreshes ever after."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklib.project.project import Project
from tasklib.tasks import verify
from tests.materialization.shop import (
    FILES,
    ORDERS,
    contents,
    follows_its_source,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

ELSEWHERE = {"PGOPTIONS": "-c search_path=raw,public"}
TOKYO = {"PGTZ": "Asia/Tokyo"}
UNQUALIFIED = (
    "select region, count(*) as orders, max(amount) as largest from orders group by region"
)
TIMES = """
create table raw.visits (id int primary key, at timestamptz not null);
insert into raw.visits select i, '2026-03-01 20:00+00'::timestamptz + i * interval '1 hour' from generate_series(1, 10) i;
"""


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS + TIMES)
    # the scheduler's, whatever this machine says
    with database.connect() as connection:
        connection.execute(
            f"alter database {connection.info.dbname} set timezone = 'Etc/UTC'".encode()
        )
    return dbt_project({**FILES, "models/totals.sql": stream_table_model(UNQUALIFIED)})


def days(query: str, **config: str) -> dict[str, str]:
    return {"models/days.sql": stream_table_model(query, **config)}


def test_a_table_that_this_sessions_search_path_alone_finds_is_refused_and_the_remedy_holds(
    project: DbtProject, database: Database
) -> None:
    log = project.dbt("run", check=False, env=ELSEWHERE).log
    assert "[PGT028] totals: " in log
    assert "this session's search_path is raw,public, the scheduler's" in log
    assert database.query("select from pgtrickle.pgt_stream_tables") == []
    project.write(
        {"models/totals.sql": stream_table_model(UNQUALIFIED.replace("orders g", "raw.orders g"))}
    )
    project.dbt("run", env=ELSEWHERE)
    assert follows_its_source(database)


def test_so_is_one_that_the_scheduler_takes_for_another(
    project: DbtProject, database: Database
) -> None:
    database.execute("create table public.orders (id int primary key, region text, amount int)")
    log = project.dbt("run", check=False, env=ELSEWHERE).log
    assert "[PGT028] totals: " in log
    project.dbt("run")
    assert contents(database) == [], "both mean the same one here"


def test_so_is_a_changed_query_and_what_was_there_stays(
    project: DbtProject, database: Database
) -> None:
    project.write(FILES)
    project.dbt("run")
    project.write({"models/totals.sql": stream_table_model(UNQUALIFIED.replace("max", "min"))})
    assert "[PGT028]" in project.dbt("run", check=False, env=ELSEWHERE).log
    assert len(contents(database)) == 3
    assert follows_its_source(database)


@pytest.mark.parametrize("trial", ["on", "off"])
def test_a_view_under_it_is_read_as_the_scheduler_sees_its_tables(
    project: DbtProject, database: Database, trial: str
) -> None:
    (project.root / "models/totals.sql").unlink()
    project.write(
        {
            "models/stg.sql": "{{ config(materialized='view') }} select id, amount from orders",
            **{
                "models/top.sql": stream_table_model(
                    "select id, amount from {{ ref('stg') }}", trial=trial
                )
            },
        }
    )
    project.dbt("run", env=ELSEWHERE)
    assert "from orders" not in " ".join(
        stream_table(database, "top")["defining_query"].lower().split()
    )
    assert stream_table(database, "top")["status"] == "ACTIVE"
    database.execute("delete from raw.orders where id > 2")
    refresh(database, "analytics.top")
    assert contents(database, "top", "id, amount") == [(1, 1), (2, 2)]
    # a view that changes is written into the query once more
    project.write(
        {
            "models/stg.sql": "{{ config(materialized='view') }} select id, amount + 1 as amount from orders"
        }
    )
    project.dbt("run", env=ELSEWHERE)
    refresh(database, "analytics.top")
    assert contents(database, "top", "id, amount") == [(1, 2), (2, 3)]


def test_views_on_one_that_is_replaced_come_back_as_this_session_wrote_them(
    project: DbtProject, database: Database
) -> None:
    project.write(FILES)
    project.dbt("run", env=ELSEWHERE)
    database.execute(
        "set search_path = analytics; create view public.mine as select region from totals;"
    )
    more = FILES["models/totals.sql"].replace("max(amount)", "sum(amount) as total, max(amount)")
    project.write({"models/totals.sql": more})
    project.dbt("run", env={"PGOPTIONS": "-c search_path=analytics,public"})
    assert database.value("select count(*) from public.mine") == 3


ZONED = {
    "trunc": "select date_trunc('day', at) as day, count(*) as n from raw.visits group by 1",
    "date": "select at::date as day, count(*) as n from raw.visits group by 1",
    "text": "select left(at::text, 10) as day, count(*) as n from raw.visits group by 1",
    "to_char": "select to_char(at, 'YYYY-MM-DD') as day, count(*) as n from raw.visits group by 1",
    "extract": "select extract(day from at) as day, count(*) as n from raw.visits group by 1",
    "constant": "select count(*) as day, count(*) as n from raw.visits where at < '2026-03-02'",
    "json": "select to_json(at)::text as day, count(*) as n from raw.visits group by 1",
}
FIXED = {
    "at time zone": "select (at at time zone 'Asia/Tokyo')::date as day, count(*) as n from raw.visits group by 1",
    "zone": "select date_trunc('day', at, 'Asia/Tokyo') as day, count(*) as n from raw.visits group by 1",
    "offset": "select count(*) as day, count(*) as n from raw.visits where at < '2026-03-02 00:00+00'",
    "plain": "select at as day, count(*) as n, max(id)::text as m from raw.visits group by 1",
}


@pytest.mark.parametrize("name", ZONED)
def test_a_result_that_hangs_on_the_time_zone_is_kept_in_the_schedulers_and_warned_of(
    project: DbtProject, database: Database, name: str
) -> None:
    (project.root / "models/totals.sql").unlink()
    project.write(days(ZONED[name]))
    log = project.dbt("run", env=TOKYO).log
    assert "[PGT029] days: its result hangs on the time zone" in log
    assert "Etc/UTC, not in that of this session, Asia/Tokyo" in log
    database.execute("insert into raw.visits values (11, '2026-03-01 20:30+00')")
    refresh(database, "analytics.days")
    held = database.query("select day::text, n from analytics.days order by 1")
    assert held == database.query(f"select day::text, n from ({ZONED[name]}) as q order by 1")
    project.dbt("run", env=TOKYO)


@pytest.mark.parametrize("name", FIXED)
def test_one_that_says_its_zone_isnt_warned_of(project: DbtProject, name: str) -> None:
    (project.root / "models/totals.sql").unlink()
    project.write(days(FIXED[name]))
    assert "PGT029" not in project.dbt("run", env=TOKYO).log


def test_no_warning_where_the_zones_are_the_same(project: DbtProject) -> None:
    (project.root / "models/totals.sql").unlink()
    project.write(days(ZONED["trunc"]))
    assert "PGT029" not in project.dbt("run").log


def test_a_view_under_it_that_hangs_on_the_time_zone_counts_too(project: DbtProject) -> None:
    (project.root / "models/totals.sql").unlink()
    project.write(
        {
            "models/stg.sql": "{{ config(materialized='view') }} select id, at::date as day from raw.visits",
            **days("select day, count(*) as n from {{ ref('stg') }} group by day"),
        }
    )
    assert "[PGT029]" in project.dbt("run", env=TOKYO).log


def test_verify_and_the_generic_test_compare_in_the_schedulers(
    project: DbtProject,
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (project.root / "models/totals.sql").unlink()
    tests = "models: [{name: days, data_tests: [stream_table_matches_query]}]"
    project.write({**days(ZONED["trunc"]), "models/days.yml": tests})
    project.dbt("run", env=TOKYO)
    project.dbt("test", env={**TOKYO, **ELSEWHERE})
    lines = [f"{key}={value}" for key, value in {**database.env, **TOKYO}.items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    settings = Project(tmp_path, "shop", "analytics", "external", 5432, "latest", "postgres")
    capsys.readouterr()
    assert verify.verify(settings, ["analytics.days"], as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["results"][0]["verdict"] == "ok"


def test_dbts_own_refresh_keeps_it_in_the_schedulers_zone(
    project: DbtProject, database: Database
) -> None:
    (project.root / "models/totals.sql").unlink()
    project.write(days(ZONED["trunc"]))
    project.dbt("run")
    database.execute("insert into raw.visits values (11, '2026-03-01 20:30+00')")
    project.dbt("run-operation", "pgtrickle_refresh", "--args", "{model_name: days}", env=TOKYO)
    assert database.value("select max(n) from analytics.days") == 7
