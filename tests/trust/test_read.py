"""What another stream table reads is tried so: over a table without a key it then is FULL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.lite.test_faults import set_faults
from tests.materialization.shop import stream_table, stream_table_model
from tests.support.dbt_project import DbtProject, DbtResult
from tests.support.postgres import Database, Server

GROUPS = "select g, count(*) as n from {{ ref('orders') }} group by g"
ROWS = "select id, g from {{ ref('orders') }} where id > 1"
# a seed has no primary key, as little as a table that dbt makes
FILES = {
    "seeds/orders.csv": "id,g\n" + "".join(f"{i},g{i % 3}\n" for i in range(1, 10)),
    "models/groups.sql": stream_table_model(GROUPS, trial="on"),
}
ROW_READERS = {
    "models/over_it.sql": "select id, g from {{ ref('groups') }}",
    "models/top.sql": stream_table_model(
        "select g, count(*) as n from {{ ref('over_it') }} group by g", trial="on"
    ),
}
READERS = {
    "models/over_it.sql": "select g, n from {{ ref('groups') }}",
    "models/top.sql": stream_table_model(
        "select n, count(*) as groups from {{ ref('over_it') }} group by n", trial="on"
    ),
}


def differs(database: Database, name: str, query: str) -> int:
    """How many rows of a stream table aren't those of a query."""
    with database.connect() as connection:
        columns = [one.name for one in connection.execute(query.encode()).description or ()]
    held = f"select {', '.join(columns)} from analytics.{name}"
    difference = f"({held} except all ({query})) union all (({query}) except all {held})"
    return len(database.query(difference))


@pytest.mark.quick
@pytest.mark.parametrize(
    "query",
    [
        GROUPS,
        "select g, sum(id) as total, min(id) as n from {{ ref('orders') }} group by g",
        "select distinct g, id % 2 as n from {{ ref('orders') }}",
    ],
    ids=["count", "sum", "distinct"],
)
def test_groups_over_a_seed_stay_incremental_while_another_reads_them(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject], query: str
) -> None:
    if server.extension == "pg_trickle_lite":
        set_faults(database, "read_keyless")
    groups = {"models/groups.sql": stream_table_model(query, trial="on")}
    project = dbt_project(FILES | READERS | groups)
    log = project.dbt("build").log
    assert "PGT060" not in log and "PGT025" not in log
    for change in (
        "update analytics.orders set g = 'g0' where id < 4",
        "insert into analytics.orders values (99, 'g9')",
        "delete from analytics.orders where g = 'g2'",
        "insert into analytics.orders values (99, 'g9')",
    ):
        database.execute(change)
        for name in ("groups", "top"):
            database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
        assert (
            differs(database, "groups", query.replace("{{ ref('orders') }}", "analytics.orders"))
            == 0
        )
        assert (
            differs(
                database, "top", "select n, count(*) as groups from analytics.over_it group by n"
            )
            == 0
        )
    assert stream_table(database, "groups")["refresh_mode"] == "DIFFERENTIAL"
    assert project.dbt("run").messages["groups"] == "UNCHANGED"


def test_one_of_groups_becomes_one_of_rows_in_place(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    project = dbt_project(FILES | {"models/groups.sql": stream_table_model(GROUPS)})
    project.dbt("build")
    rows = "select g, 1::bigint as n from {{ ref('orders') }}"
    project.write({"models/groups.sql": stream_table_model(rows)})
    project.dbt("run")
    database.execute("insert into analytics.orders values (99, 'g9'), (99, 'g9')")
    database.query("select pgtrickle.refresh_stream_table('analytics.groups')")
    assert differs(database, "groups", "select g, 1::bigint as n from analytics.orders") == 0


def test_rows_over_a_seed_are_incremental_only_if_they_are_so_while_another_reads_them(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    # 0.67.0 keeps them, which a version that fails is told by its trial
    fails = server.extension == "pg_trickle_lite"
    if fails:
        set_faults(database, "read_keyless")
    project = dbt_project(FILES | {"models/groups.sql": stream_table_model(ROWS, trial="on")})

    def build(mode: str) -> DbtResult:
        result = project.dbt("build")
        assert stream_table(database, "groups")["refresh_mode"] == mode, result.log
        return result

    assert "PGT060" not in build("DIFFERENTIAL").log
    project.write(ROW_READERS)
    log = build("FULL" if fails else "DIFFERENTIAL").log
    told = "fails to refresh it incrementally while another stream table reads it"
    assert (told in log) == fails
    assert "PGT025" not in log
    database.execute("update analytics.orders set g = 'g0' where id < 4")
    database.execute("insert into analytics.orders values (99, 'g9')")
    for name in ("groups", "top"):
        database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
    assert differs(database, "groups", "select id, g from analytics.orders where id > 1") == 0
    of_them = "select g, count(*) as n from analytics.over_it group by g"
    assert differs(database, "top", of_them) == 0

    if fails:
        remedy = re.search(r"by post_hook: (\".*?\")", log)
        assert remedy, log
        hook = json.dumps({"post_hook": json.loads(remedy[1])})
        project.write({"seeds/seeds.yml": f"seeds: [{{name: orders, config: {hook}}}]"})
        assert "PGT06" not in build("DIFFERENTIAL").log
    assert project.dbt("run").messages["groups"] == "UNCHANGED"


def test_rows_of_one_over_a_seed_are_right_and_full_where_they_cannot_be_filled_incrementally(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    fails = server.extension == "pg_trickle_lite"
    if fails:
        set_faults(database, "read_rows")
    rows = "select g from {{ ref('%s') }} where g <> 'g2'"
    project = dbt_project(
        {
            "seeds/orders.csv": FILES["seeds/orders.csv"],
            "models/base.sql": stream_table_model("select g from {{ ref('orders') }}", trial="on"),
            "models/some.sql": stream_table_model(rows % "base", trial="on"),
        }
    )
    log = project.dbt("build").log
    told = "[PGT022] some: pg_trickle can't keep its query incrementally, so it is FULL: "
    assert (told in log) == fails
    assert stream_table(database, "some")["refresh_mode"] == ("FULL" if fails else "DIFFERENTIAL")
    database.execute("insert into analytics.orders values (98, 'g1'), (99, 'g9')")
    database.execute("update analytics.orders set g = 'g1' where id < 4")
    for name in ("base", "some"):
        database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
    kept = database.query("select g, count(*) as n from analytics.some group by g order by g")
    assert kept == [{"g": "g0", "n": 2}, {"g": "g1", "n": 6}, {"g": "g9", "n": 1}]
    again = project.dbt("run")
    assert {again.messages[name] for name in ("base", "some")} == {"UNCHANGED"}
