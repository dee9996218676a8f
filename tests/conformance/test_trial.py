"""A trial: made, changed, refreshed and compared in one transaction that is rolled back."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.conformance.stream_tables import history, refresh, rows
from tests.support.postgres import Database

QUERY = "select customer, count(*) as n from {schema}.orders group by customer"
SETUP = (
    "create schema {schema}",
    "create table {schema}.orders (like shop.orders including all)",
    "insert into {schema}.orders select * from shop.orders",
    "select pgtrickle.create_stream_table("
    f"'{{schema}}.st', '{QUERY}', 'calculated', 'DIFFERENTIAL')",
)
CHANGES = (
    "insert into {schema}.orders values (90, 'ann', 1, null)",
    "update {schema}.orders set customer = 'cy' where id in (1, 3)",
    "delete from {schema}.orders",
    "insert into {schema}.orders select * from shop.orders",
)
REFRESH = "select pgtrickle.refresh_stream_table('{schema}.st')"
DIFFERENT = f"""
select count(*)::text || ' ' || (
    select action from pgtrickle.get_refresh_history('{{schema}}.st', 1)) as seen
from (
    (select customer, n from {{schema}}.st except all ({QUERY}))
    union all (({QUERY}) except all select customer, n from {{schema}}.st)
) as difference
"""
RIGHT = "0 DIFFERENTIAL"
# Rolled back by an exception of its own, as a function does it that hands on what it saw.
IN_A_SUBTRANSACTION = """
create function pg_temp.trial(setup text[], changes text[], refresh text, different text)
returns text[] language plpgsql as $$
declare
    seen text[] := '{}';
    step text;
    verdict text;
begin
    begin
        foreach step in array setup loop
            execute step;
        end loop;
        foreach step in array changes loop
            execute step;
            execute refresh;
            execute different into verdict;
            seen := seen || verdict;
        end loop;
        raise exception 'done' using errcode = 'PT000';
    exception when sqlstate 'PT000' then
        return seen;
    end;
end
$$
"""
LEFTOVERS = """
select 'schema' as what, nspname as name from pg_namespace where nspname ~ '^scratch'
union all select 'entry', pgt_name from pgtrickle.pgt_stream_tables
union all select 'dependency', source_relid::text from pgtrickle.pgt_dependencies
union all select 'tracking', source_relid::text from pgtrickle.pgt_change_tracking
union all select 'history', action from pgtrickle.pgt_refresh_history
union all select 'buffer', relname from pg_class
    where relnamespace = 'pgtrickle_changes'::regnamespace
union all select 'function', proname from pg_proc
    where pronamespace = 'pgtrickle_changes'::regnamespace
union all select 'trigger', tgname from pg_trigger where tgrelid = 'shop.orders'::regclass
"""


def step(connection: psycopg.Connection[Any], statement: str, schema: str) -> Any:
    """Run one statement of a trial in its schema; the first column of its first row, if any."""
    cursor = connection.execute(statement.format(schema=schema).encode())
    return next(iter(cursor.fetchall()[0].values())) if cursor.description else None


def test_a_trial_in_a_subtransaction_sees_its_own_changes_and_leaves_nothing(
    shop: Database,
) -> None:
    before = rows(shop, LEFTOVERS)
    trial = [
        [text.format(schema="scratch") for text in texts]
        for texts in (SETUP, CHANGES, [REFRESH], [DIFFERENT])
    ]
    with shop.connect() as connection:
        connection.execute(IN_A_SUBTRANSACTION)
        for _ in range(2):
            seen = connection.execute(
                "select pg_temp.trial(%s, %s, %s, %s) as seen",
                (trial[0], trial[1], trial[2][0], trial[3][0]),
            ).fetchone()
            assert seen == {"seen": [RIGHT] * len(CHANGES)}

    assert rows(shop, LEFTOVERS) == before


def test_trials_side_by_side_do_not_wait_for_each_other(shop: Database) -> None:
    before = rows(shop, LEFTOVERS)
    with shop.connect(autocommit=False) as first, shop.connect(autocommit=False) as second:
        both = ((first, "scratch_1"), (second, "scratch_2"))
        for connection, _ in both:
            connection.execute("set lock_timeout = '2s'")
        for statement in SETUP:
            for connection, schema in both:
                step(connection, statement, schema)
        for change in CHANGES:
            for connection, schema in both:
                step(connection, change, schema)
                step(connection, REFRESH, schema)
                assert step(connection, DIFFERENT, schema) == RIGHT
        first.rollback()
        second.rollback()

    assert rows(shop, LEFTOVERS) == before


@pytest.mark.parametrize("in_a_subtransaction", [False, True])
def test_a_transaction_that_goes_on_writing_after_its_refresh_sees_that_too(
    shop: Database, in_a_subtransaction: bool
) -> None:
    shop.query(
        "select pgtrickle.create_stream_table("
        "'shop.st', 'select id, customer from shop.orders', '1h', 'DIFFERENTIAL')"
    )
    with shop.connect(autocommit=False) as connection:
        for number in range(10, 13):
            if in_a_subtransaction:
                connection.execute("savepoint a_part")
            connection.execute("insert into shop.orders values (%s, 'cy', 1, null)", (number,))
            # Transactions that come and go meanwhile move the snapshot past this one.
            shop.execute(f"insert into shop.payments values (100 + {number})")
            connection.execute("select pgtrickle.refresh_stream_table('shop.st')")
            counted = connection.execute("select count(*) as n from shop.st").fetchone()
            assert counted == {"n": number - 5}

    shop.execute("insert into shop.orders values (20, 'cy', 1, null)")
    refresh(shop, "shop.st")
    assert rows(shop, "select count(*) from shop.st") == [(8,)]
    assert {row["action"] for row in history(shop, "shop.st")[1:]} == {"DIFFERENTIAL"}
