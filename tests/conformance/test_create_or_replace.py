"""What create_or_replace_stream_table does to a stream table that exists."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import (
    CREATE_OR_REPLACE,
    columns,
    create,
    create_or_replace,
    error,
    exists,
    history,
    info,
    messages,
    oid,
    refresh,
    rows,
    sqlstate,
)
from tests.support.postgres import Database

QUERY = "select id, customer from shop.orders"
TOTALS = "select customer, count(*) as n from shop.orders group by customer"


def test_it_creates_what_does_not_exist(shop: Database) -> None:
    create_or_replace(shop, "shop.st", QUERY)

    assert rows(shop, "select id, customer from shop.st") == rows(shop, QUERY)


@pytest.mark.parametrize("kind", ["table shop.st (a int)", "view shop.st as select 1 as a"])
def test_a_table_or_view_of_that_name_is_not_replaced(shop: Database, kind: str) -> None:
    shop.execute(f"create {kind}")

    assert sqlstate(shop, CREATE_OR_REPLACE, "shop.st", QUERY, "1h", "FULL") == "42P07"


def test_the_same_definition_changes_nothing(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    before = info(shop, "shop.st")

    said = messages(shop, CREATE_OR_REPLACE, "shop.st", QUERY, "1h", "DIFFERENTIAL")

    assert "identical definition" in said
    assert info(shop, "shop.st")["data_timestamp"] == before["data_timestamp"]
    assert len(history(shop, "shop.st")) == 1


def test_white_space_alone_is_no_change_even_inside_a_literal(shop: Database) -> None:
    create(shop, "shop.st", "select id, 'a  b' as t from shop.orders")

    create_or_replace(shop, "shop.st", "select id,\n  'a b' as t\nfrom shop.orders")

    assert rows(shop, "select distinct t from shop.st") == [("a  b",)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, customer FROM shop.orders",
        "select id as id, customer from shop.orders",
        "select /* both */ id, customer from shop.orders",
    ],
)
def test_letter_case_an_as_or_a_comment_counts_as_a_change_and_fills_it_again(
    shop: Database, query: str
) -> None:
    create(shop, "shop.st", QUERY)
    before = info(shop, "shop.st")

    create_or_replace(shop, "shop.st", query)

    after = info(shop, "shop.st")
    assert after["data_timestamp"] > before["data_timestamp"]
    assert (after["pgt_relid"], after["defining_query"]) == (before["pgt_relid"], query)


def test_a_schedule_is_changed_in_place(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    before = info(shop, "shop.st")

    create_or_replace(shop, "shop.st", QUERY, "2h")

    after = info(shop, "shop.st")
    assert after["schedule"] == "2h"
    assert after["data_timestamp"] == before["data_timestamp"]


def test_a_null_schedule_means_calculated_for_one_that_exists(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    create_or_replace(shop, "shop.st", QUERY, None)

    assert info(shop, "shop.st")["schedule"] is None
    assert sqlstate(shop, CREATE_OR_REPLACE, "shop.new", QUERY, None, "FULL") == "22023"


def test_a_query_with_the_same_columns_is_replaced_in_place(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("create view shop.reader as select id from shop.st")
    before = oid(shop, "shop.st")

    create_or_replace(shop, "shop.st", QUERY + " where id > 2")

    assert oid(shop, "shop.st") == before
    assert rows(shop, "select id from shop.reader") == [(3,), (4,)]


def test_reordered_columns_get_each_others_values(shop: Database) -> None:
    create(shop, "shop.st", "select id, id * 10 as ten, id * 100 as hundred from shop.orders")

    create_or_replace(
        shop, "shop.st", "select id, id * 100 as hundred, id * 10 as ten from shop.orders"
    )

    assert rows(shop, "select id, ten, hundred from shop.st where id = 1") == [(1, 100, 10)]


def test_an_added_column_of_an_aggregate_gets_the_count(shop: Database) -> None:
    create(shop, "shop.st", TOTALS)

    create_or_replace(
        shop, "shop.st",
        "select customer, count(*) as n, sum(id) as extra from shop.orders group by customer",
    )  # fmt: skip

    assert columns(shop, "shop.st")[-1] == "extra"
    assert rows(shop, "select extra <> 3 from shop.st where customer = 'ann'") == [(True,)]


def test_another_column_type_is_another_table_without_grants_and_views(shop: Database) -> None:
    create(shop, "shop.st", "select id, id as x from shop.orders")
    shop.execute(
        "grant select on shop.st to public; create view shop.reader as select x from shop.st"
    )
    before = oid(shop, "shop.st")

    create_or_replace(shop, "shop.st", "select id, id::text as x from shop.orders")

    assert oid(shop, "shop.st") != before
    assert info(shop, "shop.st")["pgt_relid"] == oid(shop, "shop.st")
    assert shop.value("select relacl is null from pg_class where oid = 'shop.st'::regclass")
    assert not exists(shop, "shop.reader")


def test_a_stream_table_on_it_stays_bound_to_the_table_that_was(shop: Database) -> None:
    create(shop, "shop.st", "select id, id as x from shop.orders")
    create(shop, "shop.reader", "select id, x from shop.st")

    create_or_replace(shop, "shop.st", "select id, id::text as x from shop.orders")

    assert info(shop, "shop.reader")["status"] == "ACTIVE"
    assert (
        shop.value(
            "select count(*) from pgtrickle.pgt_dependencies "
            "where source_relid = 'shop.st'::regclass"
        )
        == 0
    )


def test_a_type_that_casts_by_itself_leaves_the_column_as_it_is(shop: Database) -> None:
    create(shop, "shop.st", "select id, id as x from shop.orders")
    before = oid(shop, "shop.st")

    create_or_replace(shop, "shop.st", "select id, id::bigint as x from shop.orders")

    assert oid(shop, "shop.st") == before
    assert (
        shop.value(
            "select atttypid::regtype::text from pg_attribute "
            "where attrelid = 'shop.st'::regclass and attname = 'x'"
        )
        == "integer"
    )


def test_a_view_on_a_dropped_column_stops_the_change(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("create view shop.reader as select customer from shop.st")

    code = sqlstate(
        shop, CREATE_OR_REPLACE, "shop.st", "select id from shop.orders", "1h", "DIFFERENTIAL"
    )

    assert code == "2BP01"
    assert info(shop, "shop.st")["defining_query"] == QUERY
    assert len(rows(shop, "select customer from shop.reader")) == 4


@pytest.mark.parametrize(
    ("before", "after"),
    [("DIFFERENTIAL", "FULL"), ("DIFFERENTIAL", "IMMEDIATE"), ("FULL", "IMMEDIATE"),
     ("IMMEDIATE", "DIFFERENTIAL")],
)  # fmt: skip
def test_these_changes_of_mode_work_and_fill_it_again(
    shop: Database, before: str, after: str
) -> None:
    query = QUERY if before == "FULL" else TOTALS
    create(shop, "shop.st", query, mode=before)

    create_or_replace(shop, "shop.st", query, mode=after)
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")
    refresh(shop, "shop.st")

    assert info(shop, "shop.st")["refresh_mode"] == after
    names = ", ".join(name for name in columns(shop, "shop.st") if not name.startswith("__pgt_"))
    assert rows(shop, f"select {names} from shop.st") == rows(shop, query)


def test_full_to_differential_fails_for_an_aggregate(shop: Database) -> None:
    create(shop, "shop.st", TOTALS, mode="FULL")

    failure = error(shop, CREATE_OR_REPLACE, "shop.st", TOTALS, "1h", "DIFFERENTIAL")

    assert failure.sqlstate == "42601"
    assert "more expressions than target columns" in str(failure)
    assert info(shop, "shop.st")["refresh_mode"] == "FULL"


def test_auto_fails_for_one_that_is_full(shop: Database) -> None:
    create(shop, "shop.st", QUERY, mode="FULL")

    failure = error(shop, CREATE_OR_REPLACE, "shop.st", QUERY, "1h", "AUTO")

    assert failure.sqlstate == "23514"
    assert "pgt_stream_tables_refresh_mode_check" in str(failure)


def test_a_second_identical_auto_fails_where_the_first_fell_back_to_full(shop: Database) -> None:
    shop.execute("create materialized view shop.seen as select id from shop.orders")
    query = "select id from shop.seen"
    create_or_replace(shop, "shop.st", query, mode="AUTO")

    assert sqlstate(shop, CREATE_OR_REPLACE, "shop.st", query, "1h", "AUTO") == "23514"


def test_auto_over_differential_is_no_change(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    said = messages(shop, CREATE_OR_REPLACE, "shop.st", QUERY, "1h", "AUTO")

    assert "identical definition" in said


def test_a_schedule_for_an_immediate_one_is_stored_the_second_time(shop: Database) -> None:
    create(shop, "shop.st", QUERY, mode="IMMEDIATE")

    create_or_replace(shop, "shop.st", QUERY, "1m", "IMMEDIATE")

    assert info(shop, "shop.st")["schedule"] == "1m"


def test_another_limit_of_a_top_k_is_ignored(shop: Database) -> None:
    create(shop, "shop.st", "select id from shop.orders order by id desc limit 2")

    said = messages(
        shop, CREATE_OR_REPLACE, "shop.st",
        "select id from shop.orders order by id desc limit 3", "1h", "DIFFERENTIAL",
    )  # fmt: skip

    assert "identical definition" in said
    assert len(rows(shop, "select id from shop.st")) == 2


@pytest.mark.parametrize("status", ["ERROR", "SUSPENDED"])
def test_the_same_definition_leaves_a_status_alone(shop: Database, status: str) -> None:
    create(shop, "shop.st", QUERY)
    shop.query("select pgtrickle.alter_stream_table('shop.st', status => %s)", status)

    create_or_replace(shop, "shop.st", QUERY)

    assert info(shop, "shop.st")["status"] == status
