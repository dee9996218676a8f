"""What create_stream_table takes, refuses and leaves in the catalog."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import (
    CREATE,
    columns,
    create,
    error,
    exists,
    history,
    info,
    messages,
    refresh,
    rows,
    sqlstate,
)
from tests.support.postgres import Database

QUERY = "select id from shop.orders"
TOTALS = "select customer, count(*) as n, sum(amount) as total from shop.orders group by customer"


@pytest.mark.parametrize(
    "schedule", ["1m", "1h30m", "30s", "2d", "1w", "60", "*/5 * * * *", "0 */5 * * * *", "@hourly"]
)
def test_a_schedule_is_stored_as_it_is_given(shop: Database, schedule: str) -> None:
    create(shop, "shop.st", QUERY, schedule)

    assert info(shop, "shop.st")["schedule"] == schedule


@pytest.mark.parametrize("schedule", ["calculated", "CALCULATED"])
def test_a_calculated_schedule_is_stored_as_null(shop: Database, schedule: str) -> None:
    create(shop, "shop.st", QUERY, schedule)

    assert info(shop, "shop.st")["schedule"] is None


@pytest.mark.parametrize(
    "schedule",
    [None, "500ms", "1 minute", "banana", "-5m", "0s", "0", "", "1h30", "5M", "@daylight",
     "99 * * * *"],
)  # fmt: skip
def test_any_other_schedule_is_an_error(shop: Database, schedule: str | None) -> None:
    assert sqlstate(shop, CREATE, "shop.st", QUERY, schedule, "FULL") == "22023"


def test_a_null_schedule_gets_told_what_to_say_instead(shop: Database) -> None:
    assert "use 'calculated' instead of NULL" in str(
        error(shop, CREATE, "shop.st", QUERY, None, "FULL")
    )


@pytest.mark.parametrize(
    ("asked", "stored"),
    [("AUTO", "DIFFERENTIAL"), ("full", "FULL"), ("Differential", "DIFFERENTIAL"),
     ("immediate", "IMMEDIATE"), ("incremental", "DIFFERENTIAL")],
)  # fmt: skip
def test_a_mode_is_taken_in_any_case_and_auto_is_stored_as_what_it_became(
    shop: Database, asked: str, stored: str
) -> None:
    create(shop, "shop.st", QUERY, mode=asked)

    assert info(shop, "shop.st")["refresh_mode"] == stored


def test_an_unknown_mode_is_an_invalid_argument(shop: Database) -> None:
    assert sqlstate(shop, CREATE, "shop.st", QUERY, "1h", "BOGUS") == "22023"


@pytest.mark.parametrize("missing", [0, 1, 3])
def test_a_null_name_query_or_mode_is_an_internal_error(shop: Database, missing: int) -> None:
    arguments: list[str | None] = ["shop.st", QUERY, "1h", "FULL"]
    arguments[missing] = None

    assert sqlstate(shop, CREATE, *arguments) == "XX000"


def test_immediate_has_no_schedule(shop: Database) -> None:
    create(shop, "shop.st", QUERY, "5m", "IMMEDIATE")

    assert info(shop, "shop.st")["schedule"] is None


def test_without_initialize_it_waits_for_its_first_refresh(shop: Database) -> None:
    shop.query("select pgtrickle.create_stream_table('shop.st', %s, '1h', 'FULL', false)", QUERY)
    before = info(shop, "shop.st")
    refresh(shop, "shop.st")
    after = info(shop, "shop.st")

    assert (before["status"], before["is_populated"]) == ("INITIALIZING", False)
    assert before["staleness"] is None
    assert not before["stale"]
    assert (after["status"], after["is_populated"]) == ("ACTIVE", True)


def test_creation_fills_it_and_leaves_one_line_in_the_history(shop: Database) -> None:
    create(shop, "shop.st", TOTALS)
    only = history(shop, "shop.st")

    assert rows(shop, "select customer, n, total from shop.st") == rows(shop, TOTALS)
    assert [(row["action"], row["status"]) for row in only] == [("FULL", "COMPLETED")]
    assert shop.value("select initiated_by from pgtrickle.pgt_refresh_history") == "INITIAL"


@pytest.mark.parametrize("taken", ["table shop.st (a int)", "view shop.st as select 1 as a"])
def test_a_table_or_view_of_that_name_is_in_the_way(shop: Database, taken: str) -> None:
    shop.execute(f"create {taken}")

    assert sqlstate(shop, CREATE, "shop.st", QUERY, "1h", "FULL") == "42P07"


def test_a_stream_table_of_that_name_is_in_the_way(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    assert sqlstate(shop, CREATE, "shop.st", QUERY, "1h", "FULL") == "42P07"


def test_if_not_exists_leaves_the_first_one_alone(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    shop.query(
        "select pgtrickle.create_stream_table_if_not_exists('shop.st', %s, '5m', 'FULL')", TOTALS
    )

    assert info(shop, "shop.st")["defining_query"] == QUERY


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select id from shop.orders;", "42601"),
        ("select id from shop.orders -- which ones", "42601"),
        ("select id from shop.orders; select 1", "42000"),
        ("select 1 as one", "42000"),
        ("values (1)", "42000"),
        ("select from shop.orders", "42000"),
        ("selekt id from shop.orders", "42601"),
        ("select id from shop.nowhere", "42P01"),
        ("select nothing from shop.orders", "42703"),
        ("select relname from pg_class", "42501"),
        ("select id from shop.orders limit 3", "0A000"),
        ("select id from shop.orders for update", "0A000"),
        ("select id from shop.orders tablesample system (10)", "0A000"),
    ],
)
def test_a_query_that_cannot_be_maintained_is_refused(
    shop: Database, query: str, code: str
) -> None:
    assert sqlstate(shop, CREATE, "shop.st", query, "1h", "FULL") == code
    assert not exists(shop, "shop.st")


def test_a_comment_with_a_line_end_after_it_is_no_trouble(shop: Database) -> None:
    create(shop, "shop.st", QUERY + " -- all of them\n")

    assert info(shop, "shop.st")["status"] == "ACTIVE"


@pytest.mark.parametrize("mode", ["AUTO", "DIFFERENTIAL", "IMMEDIATE"])
def test_a_volatile_function_is_refused_unless_full(shop: Database, mode: str) -> None:
    query = "select id, random() as chance from shop.orders"

    assert sqlstate(shop, CREATE, "shop.st", query, "1h", mode) == "0A000"
    assert "volatile" in messages(shop, CREATE, "shop.st", query, "1h", "FULL")


@pytest.mark.parametrize(
    "query",
    ["select id from shop.seen", "select o.id, u from shop.orders o, unnest(array[1, 2]) as u"],
)
def test_where_no_incremental_form_exists_auto_falls_back_to_full_and_differential_is_refused(
    shop: Database, query: str
) -> None:
    shop.execute("create materialized view shop.seen as select id from shop.orders")

    assert sqlstate(shop, CREATE, "shop.st", query, "1h", "DIFFERENTIAL") == "0A000"
    assert "FULL" in messages(shop, CREATE, "shop.st", query, "1h", "AUTO")
    assert info(shop, "shop.st")["refresh_mode"] == "FULL"


def test_a_cte_that_a_subquery_reads_gets_lost(shop: Database) -> None:
    query = """
        with totals as (select customer, sum(amount) as t from shop.orders group by customer)
        select o.id, totals.t from shop.orders as o, totals
        where o.customer = totals.customer and totals.t = (select max(t) from totals)
    """

    assert sqlstate(shop, CREATE, "shop.st", query, "1h", "AUTO") == "42P01"
    assert sqlstate(shop, CREATE, "shop.st", query, "1h", "DIFFERENTIAL") == "42P01"


def test_order_by_with_limit_becomes_top_k(shop: Database) -> None:
    create(shop, "shop.st", "select id, amount from shop.orders order by amount desc limit 2")
    shop.execute("insert into shop.orders values (9, 'cy', 100, null)")
    refresh(shop, "shop.st")

    found = info(shop, "shop.st")
    assert (found["is_topk"], found["topk_limit"]) == (True, 2)
    assert "limit" not in found["defining_query"]
    assert "limit 2" in found["original_query"]
    assert rows(shop, "select id from shop.st") == [(2,), (9,)]


def test_select_star_gets_a_warning(shop: Database) -> None:
    said = messages(shop, CREATE, "shop.st", "select * from shop.orders", "1h", "FULL")

    assert "SELECT *" in said


def test_a_source_without_a_primary_key_gets_a_warning_and_works(shop: Database) -> None:
    shop.execute("create table shop.loose (a int); insert into shop.loose values (1), (1), (2)")

    said = messages(shop, CREATE, "shop.st", "select a from shop.loose", "1h", "DIFFERENTIAL")

    assert "PRIMARY KEY" in said
    assert info(shop, "shop.st")["has_keyless_source"]
    assert rows(shop, "select a from shop.st") == [(1,), (1,), (2,)]


@pytest.mark.parametrize(
    "setting",
    [
        "diamond_consistency => 'strict'",
        "diamond_schedule_policy => 'relaxed'",
        "diamond_consistency => 'none', diamond_schedule_policy => 'slowest'",
        "cdc_mode => 'magic'",
        "storage_backend => 'unlogged'",
        "output_distribution_column => 'id'",
        "partition_by => 'nothing'",
        "refresh_mode => 'IMMEDIATE', partition_by => 'id'",
        "refresh_mode => 'IMMEDIATE', append_only => true",
        "refresh_mode => 'IMMEDIATE', cdc_mode => 'wal'",
    ],
)
def test_a_setting_with_a_value_that_does_not_exist_is_refused(
    shop: Database, setting: str
) -> None:
    statement = f"select pgtrickle.create_stream_table('shop.st', %s, '1h', {setting})"

    assert sqlstate(shop, statement, QUERY) == "22023"


def test_settings_are_kept_in_the_catalog(shop: Database) -> None:
    shop.query(
        "select pgtrickle.create_stream_table('shop.st', %s, '1h', 'DIFFERENTIAL', "
        "diamond_consistency => 'atomic', diamond_schedule_policy => 'slowest', "
        "cdc_mode => 'trigger', append_only => true, pooler_compatibility_mode => true, "
        "max_differential_joins => 3, max_delta_fraction => 2)",
        QUERY,
    )
    found = info(shop, "shop.st")

    assert found["diamond_schedule_policy"] == "slowest"
    assert found["requested_cdc_mode"] == "trigger"
    assert (found["is_append_only"], found["pooler_compatibility_mode"]) == (True, True)
    assert (found["max_differential_joins"], found["max_delta_fraction"]) == (3, 2)


def test_creation_rolls_back_cleanly(shop: Database) -> None:
    with shop.connect(autocommit=False) as connection:
        connection.execute(CREATE, ("shop.st", QUERY, "1h", "DIFFERENTIAL"))
        connection.execute("insert into shop.orders values (50, 'dee', 1, null)")
        connection.execute("select pgtrickle.refresh_stream_table('shop.st')")
        inside = connection.execute("select count(*) as n from shop.st").fetchone()
        connection.rollback()

    assert inside == {"n": 5}
    assert not exists(shop, "shop.st")
    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 0
    assert (
        shop.value("select count(*) from pg_trigger where tgrelid = 'shop.orders'::regclass") == 0
    )


def test_the_row_id_comes_first_and_an_aggregate_has_a_count(shop: Database) -> None:
    create(shop, "shop.plain", QUERY)
    create(shop, "shop.totals", TOTALS)

    assert columns(shop, "shop.plain") == ["__pgt_row_id", "id"]
    assert columns(shop, "shop.totals")[:4] == ["__pgt_row_id", "customer", "n", "total"]
    assert "__pgt_count" in columns(shop, "shop.totals")


def test_list_auxiliary_columns_names_the_hidden_ones(shop: Database) -> None:
    create(shop, "shop.totals", TOTALS)

    listed = shop.query(
        "select column_name, data_type from pgtrickle.list_auxiliary_columns('shop.totals')"
    )
    assert {row["column_name"] for row in listed} >= {"__pgt_row_id", "__pgt_count"}
    assert {row["data_type"] for row in listed if row["column_name"] == "__pgt_row_id"} == {
        "bigint"
    }


def test_type_modifiers_get_lost(shop: Database) -> None:
    create(shop, "shop.st", "select id, amount from shop.orders")

    assert (
        shop.value(
            "select format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = 'shop.st'::regclass and attname = 'amount'"
        )
        == "numeric"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "insert into shop.st (id) values (99)",
        "update shop.st set id = 99",
        "delete from shop.st",
        "truncate shop.st",
    ],
)
def test_a_direct_write_is_refused(shop: Database, statement: str) -> None:
    create(shop, "shop.st", QUERY)

    assert sqlstate(shop, statement) == "P0001"


def test_grants_comments_and_indexes_are_welcome(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    shop.execute(
        "grant select on shop.st to public; comment on table shop.st is 'ours'; "
        "create index on shop.st (id)"
    )
    refresh(shop, "shop.st")

    assert shop.value("select obj_description('shop.st'::regclass)") == "ours"
