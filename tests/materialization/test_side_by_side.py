"""Many threads, two dbt processes at once, the first run included: no deadlock, nothing half made."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import psycopg

from tests.materialization.shop import ORDERS, SOURCES, refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.support.warm import programs

COUNT = 12
MODELS = {
    f"models/t{i}.sql": stream_table_model(
        f"select region, count(*) as orders, max(amount + {i}) as m from {{{{ source('raw', 'orders') }}}} group by region"
    )
    for i in range(COUNT)
}


def start(project: DbtProject, threads: int, name: str) -> subprocess.Popen[str]:
    """Start a dbt process whose files are in a folder of its own, with the parse of the macros."""
    own = project.root / name
    shutil.copytree(project.root / "target", own / "target", dirs_exist_ok=True)
    return subprocess.Popen(
        [programs() / "dbt", "run", "--threads", str(threads), "--project-dir", project.root,
         "--profiles-dir", project.root, "--target-path", own / "target", "--log-path", own],
        env={**os.environ, **project.database.env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def alive(database: Database) -> int:
    count: int = database.value(
        "select count(*) from pgtrickle.pgt_stream_tables where status = 'ACTIVE' and is_populated"
    )
    return count


def test_sixteen_threads_on_one_source_on_a_first_run(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project({"models/sources.yml": SOURCES, **MODELS})
    result = project.dbt("run", "--threads", "16")
    assert {result.messages[f"t{i}"] for i in range(COUNT)} == {"CREATED"}
    assert alive(database) == COUNT
    database.execute("insert into raw.orders values (31, 'region 0', 31)")


@contextlib.contextmanager
def dbt_waits(database: Database, project: DbtProject, before: str) -> Iterator[list[str]]:
    """`dbt run` up to where it waits for a session that did this; gives the relations that it has locked by then."""
    log: list[str] = []
    run = threading.Thread(target=lambda: log.append(project.dbt("run").log))
    with database.connect(autocommit=False) as other:
        other.execute("select pg_advisory_xact_lock(hashtext('dbt_pgtrickle'))")
        other.execute(before.encode())
        run.start()
        deadline = time.monotonic() + 60
        waiting = "select pid from pg_locks where not granted and pid <> pg_backend_pid()"
        while not database.query(waiting):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        held = database.query(
            "select relation::regclass::text as name from pg_locks l join pg_class c on c.oid = relation "
            f"where granted and pid in ({waiting}) and relnamespace::regnamespace::text in ('raw', 'analytics')"
        )
        yield [row["name"] for row in held]
    run.join()
    assert log, "the run succeeds when the other session is over"


def test_who_waits_to_change_a_stream_table_holds_no_lock_on_what_a_view_over_it_reads(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    query = "select region, count(*) as orders from {{ source('raw', 'orders') }} group by region"
    view = "select t.region, o.amount from {{ ref('t') }} t join {{ source('raw', 'orders') }} o using (region)"
    files = {"models/sources.yml": SOURCES, "models/v.sql": view}
    project = dbt_project({**files, "models/t.sql": stream_table_model(query, trial="off")})
    project.dbt("run")
    project.write(
        {"models/t.sql": stream_table_model(query.replace("count(*)", "sum(amount)"), trial="off")}
    )
    with dbt_waits(database, project, "select 1") as held:
        assert held == []
    assert database.query("select * from analytics.v limit 1")


def test_a_view_that_changes_while_a_new_stream_table_waits_is_kept_as_it_is_then(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    view = "create or replace view raw.large as select * from raw.orders where amount > "
    database.execute(ORDERS + "create schema analytics;" + view + "10")
    query = "select region, count(*) as orders from raw.large group by region"
    model = query.replace("raw.large", "{{ source('raw', 'large') }}")
    project = dbt_project(
        {
            "models/sources.yml": SOURCES.replace("[{name: orders}]", "[{name: large}]"),
            "models/t.sql": stream_table_model(model, trial="on"),
        }
    )
    has = "select region, orders from analytics.t"
    differs = f"({has} except all {query}) union all ({query} except all {has})"
    with dbt_waits(database, project, "select 1"):
        # by now the view was tried, written out
        database.execute(view + "20")
    assert database.query(differs) == []
    database.execute("insert into raw.orders values (31, 'region 0', 15), (32, 'region 0', 25)")
    refresh(database, "analytics.t")
    assert database.query(differs) == []


def test_two_dbts_may_make_the_same_schema(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    project = dbt_project({"models/v.sql": "select 1 as one"})
    with dbt_waits(database, project, "create schema analytics") as held:
        assert held == []
    assert database.query("select one from analytics.v") == [{"one": 1}]


def test_two_dbt_processes_at_once(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project({"models/sources.yml": SOURCES, **MODELS})
    for _ in range(2):
        processes = [start(project, 4, name) for name in ("one", "two")]
        outputs = [process.communicate(timeout=200)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], "\n".join(outputs)
    assert alive(database) == COUNT
    database.execute("insert into raw.orders values (31, 'region 0', 31)")


def test_an_unchanged_model_doesnt_wait_for_another_sessions_ddl(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project({"models/sources.yml": SOURCES, "models/t0.sql": MODELS["models/t0.sql"]})
    project.dbt("run")
    with database.connect(autocommit=False) as other:
        other.execute("select pg_advisory_xact_lock(hashtext('dbt_pgtrickle'))")
        assert project.dbt("run").messages["t0"] == "UNCHANGED"


def test_dbt_changes_a_stream_table_while_its_source_is_written_and_it_is_refreshed(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    query = "select region, count(*) as orders from {{ source('raw', 'orders') }} group by region"
    project = dbt_project(
        {"models/sources.yml": SOURCES, "models/totals.sql": stream_table_model(query)}
    )
    project.dbt("run")
    stop, refused = threading.Event(), []

    def write_and_refresh() -> None:
        number = 1000
        while not stop.is_set():
            number += 1
            try:
                database.execute(f"insert into raw.orders values ({number}, 'region 1', {number})")
            except psycopg.Error as error:
                refused.append(str(error))
            with contextlib.suppress(
                psycopg.Error
            ):  # a moment without the table, or in the way of dbt
                database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
            stop.wait(0.02)

    other = threading.Thread(target=write_and_refresh)
    other.start()
    try:
        for number in range(4):
            changed = (
                f"min(amount) as s{number}, count(*)" if number % 2 else f"count(*) + {number}"
            )
            project.write(
                {"models/totals.sql": stream_table_model(query.replace("count(*)", changed))}
            )
            project.dbt("run")
    finally:
        stop.set()
        other.join()
    assert refused == [], "no write to the source fails meanwhile"
    project.write({"models/totals.sql": stream_table_model(query)})
    project.dbt("run")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert database.value("select sum(orders) from analytics.totals") == database.value(
        "select count(*) from raw.orders"
    )


def test_views_that_change_in_one_run_wait_for_each_other(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    staging = {
        f"models/stg_{i}.sql": "{{ config(materialized='view') }} select * from (select id, region, amount "
        f"from {{{{ source('raw', 'orders') }}}} limit 100) as first_{i}"
        for i in range(6)
    }
    marts = {
        f"models/mart_{i}.sql": stream_table_model(
            f"select a.id, a.amount from {{{{ ref('stg_{i}') }}}} a join {{{{ ref('stg_{(i + 1) % 6}') }}}} b on b.id = a.id",
            refresh_mode="FULL",
        )
        for i in range(6)
    }
    project = dbt_project({"models/sources.yml": SOURCES, **staging, **marts})
    project.dbt("run", "--threads", "8")
    for name, text in staging.items():
        project.write({name: text.replace("select *", "select *, 1 as added")})
    project.dbt("run", "--threads", "8")
    assert alive(database) == 6
