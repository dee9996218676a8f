"""What is written while triggers don't fire: by a session in the replica role, or with all of a table's disabled."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.materialization.shop import FILES, ORDERS, TOTALS_QUERY, refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

Make = Callable[..., DbtProject]
RENUMBERED = "update raw.orders set amount = amount + 1000 where id % 2 = 0"
WRITES = {
    "insert": "insert into raw.orders values (900, 'region 9', 7)",
    "update": RENUMBERED,
    "delete": "delete from raw.orders where id % 3 = 0",
    "truncate": "truncate raw.orders; insert into raw.orders values (1, 'region 1', 5)",
}
OFF, ON = (
    "alter table raw.orders disable trigger all;",
    "alter table raw.orders enable trigger all;",
)
LOST = "REBOUND (capture is off, or was, for changes of raw.orders)"
TRUTH = (
    "select region, count(*) as orders, max(amount) as largest from raw.orders "
    "group by region order by 1"
)


@pytest.fixture
def project(database: Database, dbt_project: Make) -> DbtProject:
    """Two stream tables on a table, one after the other."""
    database.execute(ORDERS)
    second = stream_table_model(TOTALS_QUERY, refresh_mode="FULL")
    made = dbt_project({**FILES, "models/more.sql": second})
    made.threads = 1
    made.dbt("run")
    return made


def shown(database: Database, name: str) -> list[dict[str, object]]:
    return database.query(f"select region, orders, largest from analytics.{name} order by 1")


def both_are_unchanged(project: DbtProject) -> bool:
    said = project.dbt("run").messages
    return said["totals"] == said["more"] == "UNCHANGED"


@pytest.mark.parametrize("write", WRITES)
def test_what_a_session_in_the_replica_role_writes_arrives(
    project: DbtProject, database: Database, write: str
) -> None:
    """As tools do that load with triggers off."""
    database.execute(f"set local session_replication_role = replica; {WRITES[write]}")
    for name in ("totals", "more"):
        refresh(database, f"analytics.{name}")
        assert shown(database, name) == database.query(TRUTH)
    assert both_are_unchanged(project)


@pytest.mark.parametrize("then", ["", ON], ids=["still off", "on again"])
def test_what_was_written_while_triggers_were_off_is_in_all_that_reads_it_after_the_next_run(
    project: DbtProject, database: Database, then: str
) -> None:
    database.execute(OFF + RENUMBERED + ";" + then)
    # the other one's turn is the run's, or a refresh's before that
    assert LOST in project.dbt("run").messages.values()
    database.execute(WRITES["delete"])
    for name in ("totals", "more"):
        refresh(database, f"analytics.{name}")
        assert shown(database, name) == database.query(TRUTH)
    assert both_are_unchanged(project)


def test_all_that_reads_a_table_whose_triggers_were_dropped_is_filled_anew(
    project: DbtProject, database: Database
) -> None:
    for row in database.query(
        "select tgname from pg_trigger where tgrelid = 'raw.orders'::regclass and tgname ~ 'cdc'"
    ):
        database.execute(f"drop trigger {row['tgname']} on raw.orders")
    database.execute(RENUMBERED)
    project.dbt("run", "--select", "totals")
    for name in ("totals", "more"):
        refresh(database, f"analytics.{name}")
        assert shown(database, name) == database.query(TRUTH)


@pytest.fixture
def subscription(database: Database) -> Iterator[str]:
    """One that connects to nobody, as the catalog has it once it writes to raw.orders."""
    name = f"subscription_{uuid.uuid4().hex[:8]}"
    with database.connect() as session:
        session.execute(
            f"create subscription {name} connection 'host=127.0.0.1 port=1' publication p "
            "with (connect = false, slot_name = none)".encode()
        )
        yield name
        session.execute(f"drop subscription {name}".encode())


def test_a_source_that_a_subscription_writes_is_warned_of_on_every_run(
    project: DbtProject, database: Database, subscription: str
) -> None:
    """Its worker fires no triggers of statements (PostgreSQL's documentation)."""
    assert both_are_unchanged(project)
    with database.connect() as session:
        session.execute("set allow_system_table_mods = on")
        session.execute(
            "insert into pg_subscription_rel (srsubid, srrelid, srsubstate) select oid, "
            f"'raw.orders'::regclass, 'r' from pg_subscription where subname = '{subscription}'".encode()
        )
    for _ in range(2):
        result = project.dbt("run")
        assert result.log.count("[PGT017]") == 2
        assert "it reads raw.orders, which a subscription writes" in result.log
