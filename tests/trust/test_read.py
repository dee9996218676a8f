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
# a seed has no primary key, as little as a table that dbt makes
FILES = {
    "seeds/orders.csv": "id,g\n" + "".join(f"{i},g{i % 3}\n" for i in range(1, 10)),
    "models/groups.sql": stream_table_model(GROUPS, trial="on"),
}
READERS = {
    "models/over_it.sql": "select g, n from {{ ref('groups') }}",
    "models/top.sql": stream_table_model(
        "select n, count(*) as groups from {{ ref('over_it') }} group by n", trial="on"
    ),
}


@pytest.mark.quick
def test_one_over_a_seed_is_full_as_long_as_another_reads_it_and_the_seed_has_no_key(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    if server.extension == "pg_trickle_lite":
        set_faults(database, "read_keyless")
    project = dbt_project(FILES)

    def build(mode: str) -> DbtResult:
        result = project.dbt("build")
        assert stream_table(database, "groups")["refresh_mode"] == mode, result.log
        return result

    assert "PGT060" not in build("DIFFERENTIAL").log

    project.write(READERS)
    log = build("FULL").log
    assert "fails to refresh it incrementally while another stream table reads it" in log
    assert "PGT025" not in log
    database.execute("update analytics.orders set g = 'g0' where id < 4")
    database.execute("insert into analytics.orders values (99, 'g9')")
    for name in ("groups", "top"):
        database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
    kept = database.query("select g, n from analytics.groups order by g")
    assert kept == [
        {"g": "g0", "n": 5},
        {"g": "g1", "n": 2},
        {"g": "g2", "n": 2},
        {"g": "g9", "n": 1},
    ]
    assert database.query("select n, groups from analytics.top order by n") == [
        {"n": 1, "groups": 1}, {"n": 2, "groups": 2}, {"n": 5, "groups": 1}
    ]  # fmt: skip

    remedy = re.search(r"by post_hook: (\".*?\")", log)
    assert remedy, log
    hook = json.dumps({"post_hook": json.loads(remedy[1])})
    project.write({"seeds/seeds.yml": f"seeds: [{{name: orders, config: {hook}}}]"})
    assert "PGT06" not in build("DIFFERENTIAL").log
    assert project.dbt("run").messages["groups"] == "UNCHANGED"


def test_rows_of_one_over_a_seed_are_full_where_they_cannot_be_filled_incrementally(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    if server.extension == "pg_trickle_lite":
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
    assert "[PGT022] some: pg_trickle can't keep its query incrementally, so it is FULL: " in log
    assert stream_table(database, "some")["refresh_mode"] == "FULL"
    database.execute("insert into analytics.orders values (98, 'g1'), (99, 'g9')")
    database.execute("update analytics.orders set g = 'g1' where id < 4")
    for name in ("base", "some"):
        database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
    kept = database.query("select g, count(*) as n from analytics.some group by g order by g")
    assert kept == [{"g": "g0", "n": 2}, {"g": "g1", "n": 6}, {"g": "g9", "n": 1}]
    again = project.dbt("run")
    assert {again.messages[name] for name in ("base", "some")} == {"UNCHANGED"}
