"""`invoke upgrade`: to the version in invoke.yaml, or back to where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.dbt_project import PROFILE
from tests.support.postgres import Server
from tests.support.release import GARBAGE, ReleasePage, forget, make_archive, release_page
from tests.support.workspace import Workspace, workspace

OLD, NEW, FIXED = "0.67.9011", "0.67.9012", "0.87.9016"
BROKEN, STEPLESS = "0.67.9013", "0.67.9014"
STAND_IN = "pg_trickle_lite"
MODEL = """{{ config(materialized='stream_table', schedule='12h') }}
select customer, sum(amount) as total from public.orders group by customer
"""
FOLLOWER = """{{ config(materialized='stream_table', schedule='12h') }}
select count(*) as customers from {{ ref('totals') }}
"""
VIEW = "select max(total) as most from {{ ref('totals') }}\n"


@pytest.fixture(scope="module")
def page() -> Iterator[ReleasePage]:
    """A page with two versions that keep the row identity, one that doesn't, and two bad ones."""
    with release_page() as made:
        made.publish(
            NEW, make_archive(NEW, updates=[OLD], update_script="create table public.n();")
        )
        made.publish(FIXED, make_archive(FIXED, updates=[OLD, NEW]))
        made.publish(STEPLESS, make_archive(STEPLESS))
        failing = make_archive(BROKEN, updates=[OLD], update_script="select 1/0;")
        made.publish(BROKEN, failing)
        made.publish(OLD, make_archive(OLD))
        yield made
    for version in (OLD, NEW, FIXED, BROKEN, STEPLESS):
        forget(version)


@pytest.fixture
def shop(place: Path, page: ReleasePage) -> Iterator[Workspace]:
    """A project that is up with the old version, and has models that were built."""
    page.latest = OLD
    with workspace(place / "shop") as made:
        made.environment = page.environment
        models(made)
        made.invoke("up")
        made.query("create table public.orders (id int primary key, customer text, amount int)")
        made.query("insert into public.orders values (1, 'ann', 10), (2, 'bob', 20)")
        yield made


def models(made: Workspace) -> None:
    marts = made.root / "models" / "marts"
    (marts / "totals.sql").write_text(MODEL)
    (marts / "customers.sql").write_text(FOLLOWER)
    (marts / "most.sql").write_text(VIEW)
    (made.root / "profiles.yml").write_text(yaml.safe_dump(PROFILE))


def extension(made: Workspace) -> tuple[str, str]:
    [row] = made.query("select extname, extversion from pg_extension where extname like 'pg_tr%'")
    return row["extname"], row["extversion"]


def totals(made: Workspace) -> list[dict[str, Any]]:
    return made.query("select customer, total::int from analytics.totals order by customer")


def pinned(made: Workspace) -> str:
    return str(json.loads((made.root / "pgtrickle.lock").read_text())["release"]["version"])


def test_an_upgrade_updates_in_place_keeps_tables_and_pins_anew(
    shop: Workspace, page: ReleasePage
) -> None:
    shop.invoke("run")
    assert "nothing to do" in shop.invoke("upgrade")
    former = shop.query("select 'analytics.totals'::regclass::oid as oid")
    page.latest = NEW
    output = shop.invoke("upgrade")
    assert f"pg_trickle {OLD} → pg_trickle {NEW}: upgraded." in output
    assert extension(shop) == ("pg_trickle", NEW)
    assert shop.query("select to_regclass('public.n') is not null as ran") == [{"ran": True}]
    assert shop.query("select 'analytics.totals'::regclass::oid as oid") == former
    assert pinned(shop) == NEW
    assert "It ran already; nothing was changed." in shop.invoke("up")
    assert "\nproblem" not in shop.invoke("status")

    shop.configure(version=OLD)
    output = shop.invoke("upgrade", status=2)
    assert f"asks for pg_trickle {OLD}; the database has {NEW}, and there is no way back" in output
    assert (extension(shop), pinned(shop)) == (("pg_trickle", NEW), NEW)


def test_across_the_new_row_identity_stream_tables_are_dropped_after_a_question_and_built_again(
    shop: Workspace, page: ReleasePage
) -> None:
    shop.invoke("run")
    shop.configure(version=FIXED)
    output = shop.invoke("upgrade", status=1)
    listed = [line.strip() for line in output.splitlines() if line.startswith("  analytics.")]
    assert listed == [
        "analytics.customers", "analytics.totals  (and with it: analytics.most)",
    ]  # fmt: skip
    assert "Nothing was changed." in output
    assert extension(shop) == ("pg_trickle", OLD)
    assert pinned(shop) == OLD

    shop.query("insert into public.orders values (3, 'bob', 5)")
    output = shop.invoke("upgrade", "--yes")
    assert "upgraded" in output
    assert extension(shop) == ("pg_trickle", FIXED)
    assert totals(shop) == [{"customer": "ann", "total": 10}, {"customer": "bob", "total": 25}]
    assert shop.query("select most::int from analytics.most") == [{"most": 25}]
    assert shop.query("select count(*)::int as n from public.orders") == [{"n": 3}]
    assert pinned(shop) == FIXED


def test_stream_tables_that_dbt_could_not_build_again_stop_the_upgrade(shop: Workspace) -> None:
    shop.query(
        "select pgtrickle.create_stream_table('public.mine', 'select id from public.orders')"
    )
    shop.configure(version=FIXED)
    output = shop.invoke("upgrade", "--yes", status=1)
    assert "public.mine would not come back" in output
    assert shop.query("select count(*)::int as n from public.mine") == [{"n": 2}]
    assert extension(shop) == ("pg_trickle", OLD)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (BROKEN, f"can't be updated to {BROKEN}: division by zero"),
        (STEPLESS, f"{STEPLESS} has no update script from {OLD}"),
        ("0.67.9999", "There is no release 0.67.9999"),
    ],
    ids=["script", "no-script", "absent"],
)
def test_an_upgrade_that_fails_leaves_all_as_it_was(
    shop: Workspace, version: str, said: str
) -> None:
    lock = (shop.root / "pgtrickle.lock").read_text()
    shop.configure(version=version)
    assert said in shop.invoke("upgrade", status=1)
    assert extension(shop) == ("pg_trickle", OLD)
    assert (shop.root / "pgtrickle.lock").read_text() == lock
    assert shop.query("select count(*)::int as n from public.orders") == [{"n": 2}]
    shop.configure(version="latest")
    assert "nothing was changed" in shop.invoke("up")
    assert "\nproblem" not in shop.invoke("status")


def test_the_stand_in_and_the_release_change_places_when_asked(
    shop: Workspace, page: ReleasePage
) -> None:
    shop.invoke("run")
    shop.query("create view public.mine as select pgt_name from pgtrickle.pgt_stream_tables")
    shop.configure(extension=STAND_IN)
    assert "`invoke upgrade` changes that" in shop.invoke("up", status=1)
    assert "mine would go with" in shop.invoke("upgrade", "--yes", status=1)
    assert extension(shop) == ("pg_trickle", OLD)
    assert totals(shop) == [{"customer": "ann", "total": 10}, {"customer": "bob", "total": 20}]
    shop.query("drop view public.mine")
    shop.invoke("upgrade", "--yes")
    assert extension(shop)[0] == STAND_IN
    assert shop.scheduler().is_running()
    assert totals(shop) == [{"customer": "ann", "total": 10}, {"customer": "bob", "total": 20}]
    assert "nothing to do" in shop.invoke("upgrade")

    forget(BROKEN)
    shop.configure(extension="auto")
    page.publish(BROKEN, make_archive(BROKEN, library=GARBAGE))
    assert "doesn't load here" in shop.invoke("upgrade", "--yes", status=1)
    assert extension(shop)[0] == STAND_IN
    page.latest = OLD
    shop.invoke("upgrade", "--yes")
    assert extension(shop) == ("pg_trickle", OLD)
    assert not (shop.state / "scheduler.pid").exists()
    assert totals(shop) == [{"customer": "ann", "total": 10}, {"customer": "bob", "total": 20}]


def test_upgrade_of_an_engine_that_does_not_run_says_how_to_start_it(project: Workspace) -> None:
    assert "invoke up" in project.invoke("upgrade", status=2)


def test_external_upgrades_to_what_its_server_offers_only(
    project: Workspace, server: Server
) -> None:
    with server.database() as database:
        project.environment = database.env
        project.configure(engine="external")
        project.invoke("up")
        assert "nothing to do" in project.invoke("upgrade")
        project.configure(version="99.0.0")
        output = project.invoke("upgrade", status=2)
        assert "asks for pg_trickle" in output and " 99.0.0; the server at" in output
        assert "package installed there" in output
