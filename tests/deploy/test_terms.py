"""What has to hold before a release: rights, nothing in the way, caught up."""

from __future__ import annotations

import contextlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql

from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.catalog.database import connect
from tasklib.project.project import find_project
from tasklib.tasks.deploy import checks
from tests.checks.shop import scheduler, until
from tests.deploy.shop import CHANGED, invoke, relations
from tests.materialization.shop import FILES, ORDERS, refresh
from tests.materialization.test_privileges import READ, WRITE, grant
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

SETTINGS = {"invoke.yaml": "pgtrickle: {engine: external, slug: shop}\n"}
TRIGGER = """
create function public.t() returns trigger language plpgsql as 'begin return new; end';
create trigger audit after insert on analytics.totals execute function public.t();
"""


@pytest.fixture
def role(database: Database) -> Iterator[str]:
    """A login role with the rights that building stream tables takes, in a schema of its own."""
    name = f"deployer_{uuid.uuid4().hex[:8]}"
    owned = sql.Identifier(name)
    database.execute(ORDERS)
    with database.connect() as admin:
        admin.execute(sql.SQL("create role {} login password 'secret'").format(owned))
        admin.execute(sql.SQL("create schema analytics authorization {}").format(owned))
        grant(database, name, *READ, *WRITE)
        yield name
        admin.execute(sql.SQL("drop owned by {} cascade").format(owned))
        admin.execute(sql.SQL("drop role {}").format(owned))


@pytest.fixture
def shop(database: Database, dbt_project: Callable[..., DbtProject], role: str) -> DbtProject:
    """In production as that role, with a change to release."""
    project = dbt_project({**FILES, **SETTINGS})
    project.database = replace(
        database, params={**database.params, "user": role, "password": "secret"}
    )
    env_file.update(Path(project.root / ".env"), project.database.env)
    project.dbt("run")
    project.write({"models/totals.sql": CHANGED})
    return project


@pytest.mark.timeout(300)
def test_an_ordinary_role_is_told_what_it_lacks_before_anything_is_built_and_then_deploys(
    shop: DbtProject, database: Database, role: str
) -> None:
    before = relations(database)
    for task in (("deploy", "--dry-run"), ("deploy",)):
        told = invoke(shop, *task, status=1)
        assert f"{role} may not make a schema to build in." in told
        assert "Building" not in told
    (remedy,) = re.findall(r"As the owner: (grant .*)", told)
    database.execute(remedy)

    told = invoke(shop, "deploy", "--dry-run")
    assert "1 beside" in told and "It takes about" in told and "Nothing was done" in told
    assert relations(database) == before
    database.execute(TRIGGER)
    told = invoke(shop, "deploy", "--dry-run", "--json", status=1)
    (blocked,) = json.loads(told)["results"]
    assert (blocked["way"], blocked["why"]) == ("blocked", "it has a trigger of its own, audit")
    told = invoke(shop, "deploy", status=1)
    assert "analytics.totals is in the way: it has a trigger of its own, audit." in told
    database.execute("drop trigger audit on analytics.totals")

    with scheduler(database):
        assert "Swapped 1 in " in invoke(shop, "deploy")
        shown = "select least from analytics.totals order by 1 limit 1"
        assert shop.database.value(shown) == 1
        assert "Nothing was done" in invoke(shop, "rollback", "--dry-run")
        invoke(shop, "rollback")
    assert {name: relations(database)[name] for name in before} == before


@pytest.mark.timeout(300)
def test_what_others_write_while_it_is_filled_is_there_after_the_swap(
    shop: DbtProject, database: Database, role: str
) -> None:
    """pg_trickle 0.67.0 loses it where it already captures what is written into."""
    name = sql.Identifier(database.params["dbname"]).as_string()
    database.execute(
        f"grant create on database {name} to {role}; grant update on raw.orders to {role}"
    )
    filled = "select to_regclass('analytics__next.totals') is not null"
    with database.connect(autocommit=False) as writer:
        writer.execute("insert into raw.orders values (1000, 'region 0', 5)")

        def commit() -> None:
            with contextlib.suppress(AssertionError):
                until(lambda: database.value(filled), "it isn't built")
            writer.commit()

        with scheduler(database), ThreadPoolExecutor() as others:
            others.submit(commit)
            assert "Swapped 1 in " in invoke(shop, "deploy")
    refresh(database)
    assert database.value("select sum(orders) = 31 from analytics.totals")


def test_what_doesnt_catch_up_in_time_isnt_swapped_in(shop: DbtProject) -> None:
    project, names = find_project(shop.root), ["analytics.totals"]
    with closing(connect(project.environment())) as connection:
        with pytest.raises(UserError, match=r"doesn't catch up: the last round .* took") as raised:
            checks.catch_up(connection, project, names, 0.0, time.monotonic())
        assert raised.value.remedy == "Allow more with --lag, or wait longer with --timeout."
        assert checks.catch_up(connection, project, names, 60.0, time.monotonic()) < 60


@pytest.mark.parametrize("keep", ["x", "-1 day", "infinity", "1 day'; select 1"])
def test_a_time_to_keep_that_is_none_is_refused(shop: DbtProject, keep: str) -> None:
    told = invoke(shop, "deploy", f"--keep={keep}", status=2)
    assert f"'{keep}' is no time to keep." in told


def test_a_selection_without_a_stream_table_is_told(shop: DbtProject) -> None:
    for task in (("deploy", "--dry-run"), ("plan",)):
        told = invoke(shop, *task, "--select", "nope")
        assert "No stream-table model is selected by: --select nope" in told
