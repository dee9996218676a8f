"""Several sessions at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.conformance.stream_tables import CREATE, create, info, rows
from tests.support.postgres import Database


def test_eight_sessions_create_on_one_source_under_an_advisory_lock(shop: Database) -> None:
    def create_one(number: int) -> None:
        with shop.connect(autocommit=False) as connection:
            connection.execute("select pg_advisory_xact_lock(42, 42)")
            connection.execute(
                CREATE, (f"shop.st{number}", "select id from shop.orders", "1h", "DIFFERENTIAL")
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create_one, range(8)))

    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 8
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")


def test_concurrent_refreshes_of_one_table_all_return_without_an_error(shop: Database) -> None:
    create(shop, "shop.st", "select id, amount from shop.orders")
    shop.execute("insert into shop.orders select i, 'x', i, null from generate_series(10, 2000) i")

    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda _: shop.query("select pgtrickle.refresh_stream_table('shop.st')"), range(8)
            )
        )

    assert info(shop, "shop.st")["status"] == "ACTIVE"
    assert rows(shop, "select count(*) from shop.st") == [(1995,)]
