"""The sample shop on a database: its keys, its stream tables, and that they stay right."""

from __future__ import annotations

import random
from pathlib import Path

from tasklib.project.project import find_project
from tasklib.tasks.refresh import refresh
from tasklib.tasks.demo.shop import WRITES
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.template.helpers import copy_project, differences

KEYS = """
    select conrelid::regclass::text || '.' || attname as key
    from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'p' and connamespace = 'analytics'::regnamespace and cardinality(conkey) = 1
    order by 1
"""
NAMES = {name: f"analytics.{name}" for name in ("customers", "orders", "payments")}
# what the demo leaves out: NULLs, a lost customer, an emptied table, the last row of a group
AWKWARD = [
    "update {payments} set amount = null where payment_id % 5 = 0",
    "update {payments} set paid_at = null where payment_id % 7 = 0",
    "update {orders} set customer_id = 2 where customer_id = 1",
    "update {orders} set customer_id = null where order_id % 9 = 0",
    "delete from {customers} where customer_id = 3",
    "delete from {orders} where customer_id = 2",
    "update {payments} set payment_id = payment_id + 1000 where payment_id % 4 = 0",
    "insert into {customers} values (3, 'Somebody Else', null, null)",
    "truncate {payments}",
    "insert into {payments} select n, n, 'card', n, '2026-06-01' from generate_series(1, 40) as n"
    " on conflict do nothing",
]


def test_seeds_keep_their_primary_keys(shop: DbtProject) -> None:
    keys = ["customers.customer_id", "orders.order_id", "payments.payment_id"]
    expected = [{"key": f"analytics.{key}"} for key in keys]
    assert shop.database.query(KEYS) == expected
    shop.dbt("seed")
    assert shop.database.query(KEYS) == expected
    # the staging views go with the seeds that are dropped; the run brings them back
    shop.dbt("seed", "--full-refresh", check=False)
    assert shop.database.query(KEYS) == expected
    shop.dbt("run")
    assert differences(shop) == []


def test_sample_has_the_promised_stream_tables_and_a_second_run_leaves_them_alone(
    tmp_path: Path, database: Database
) -> None:
    project = DbtProject(copy_project(tmp_path / "shop"), database)
    project.dbt("seed")
    project.dbt("run")
    catalog = database.query(
        "select relname as name, refresh_mode as mode, schedule, status, pgt_relid as oid"
        " from pgtrickle.pgt_stream_tables join pg_class on pg_class.oid = pgt_relid order by 1"
    )
    assert [tuple(row.values())[:4] for row in catalog] == [
        ("customer_orders", "DIFFERENTIAL", "2s", "ACTIVE"),
        ("customer_ranking", "FULL", "5s", "ACTIVE"),
        ("daily_revenue", "DIFFERENTIAL", "2s", "ACTIVE"),
        ("loyal_customers", "DIFFERENTIAL", None, "ACTIVE"),
        ("order_payments", "DIFFERENTIAL", "2s", "ACTIVE"),
    ]
    again = project.dbt("run").messages
    assert {again[row["name"]] for row in catalog} == {"UNCHANGED"}, again
    assert database.query(
        "select pgt_relid as oid from pgtrickle.pgt_stream_tables order by 1"
    ) == sorted(({"oid": row["oid"]} for row in catalog), key=lambda row: int(row["oid"]))


def test_sample_stays_right_through_random_and_awkward_changes(shop: DbtProject) -> None:
    project, chosen = find_project(shop.root), random.Random(18)  # noqa: S311 no secret
    seen_behind = 0
    for statement in AWKWARD:
        changes = [*chosen.choices(WRITES, k=6), statement]
        for change in changes:
            shop.database.execute(change.format(**NAMES))
        seen_behind += bool(differences(shop))
        assert refresh(project) == 0
        assert differences(shop) == [], changes
    assert seen_behind == len(AWKWARD), "the comparison saw each batch before its refresh"
