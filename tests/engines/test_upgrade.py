"""`invoke upgrade`: to the version in invoke.yaml, or back to where it was."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml

from tasklib.engines.docker.image import VERSION_LABEL
from tests.checks.shop import scheduler
from tests.support.dbt_project import PROFILE
from tests.support.postgres import ROOT, Database, Server
from tests.support.release import GARBAGE, ReleasePage, forget, make_archive, release_page
from tests.support.workspace import Workspace, in_docker, open_folder, workspace

OLDER, OLD, NEW, FIXED = "0.67.9010", "0.67.9011", "0.67.9012", "0.87.9016"
BROKEN, STEPLESS, BROKEN_FIXED = "0.67.9013", "0.67.9014", "0.87.9017"
STAND_IN = "pg_trickle_lite"
# ends as SIGKILL would, right after a function has done its work for the first time
KILLED = """
import os, sys
from importlib import import_module
from pathlib import Path
from tasklib.project.project import find_project
from tasklib.tasks import drop, upgrade
name, _, path = sys.argv[1].partition(":")
holder, last = import_module(name), path.split(".")
for part in last[:-1]:
    holder = getattr(holder, part)
done = getattr(holder, last[-1])
def killed(*args, **kwargs):
    done(*args, **kwargs)
    os._exit(9)
setattr(holder, last[-1], killed)
upgrade.upgrade(find_project(Path.cwd()), yes=True)
"""
MODEL = """{{ config(materialized='stream_table', schedule='12h') }}
select customer, sum(amount) as total from public.orders group by customer
"""
SHORTENED = """{{ config(materialized='stream_table', schedule='12h') }}
select id, customer::varchar(1) as customer, 1 as total from public.orders
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
        for version in (BROKEN, BROKEN_FIXED):
            failing = make_archive(version, updates=[OLD], update_script="select 1/0;")
            made.publish(version, failing)
        made.publish(OLDER, make_archive(OLDER))
        made.publish(OLD, make_archive(OLD))
        yield made
    for version in (OLDER, OLD, NEW, FIXED, BROKEN, STEPLESS, BROKEN_FIXED):
        forget(version)


@pytest.fixture
def shop(place: Path, page: ReleasePage) -> Iterator[Workspace]:
    """A project that is up with the old version, and has models."""
    with old_version(place / "shop", page) as made:
        yield made


@pytest.fixture(scope="module")
def steady(page: ReleasePage) -> Iterator[Workspace]:
    """The same, for tests in which no upgrade happens."""
    with open_folder() as folder, old_version(folder / "shop", page) as made:
        yield made


@contextlib.contextmanager
def old_version(folder: Path, page: ReleasePage) -> Iterator[Workspace]:
    page.latest = OLD
    with workspace(folder) as made:
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
    query = "select id from public.orders"
    shop.query(f"select pgtrickle.create_stream_table('public.mine', '{query}')")
    assert "nothing to do" in shop.invoke("upgrade")
    former = shop.query("select 'public.mine'::regclass::oid as oid")
    page.latest = NEW
    output = shop.invoke("upgrade")
    assert f"pg_trickle {OLD} → pg_trickle {NEW}: upgraded." in output
    assert extension(shop) == ("pg_trickle", NEW)
    assert shop.query("select to_regclass('public.n') is not null as ran") == [{"ran": True}]
    assert shop.query("select 'public.mine'::regclass::oid as oid") == former
    assert pinned(shop) == NEW
    assert "It ran already; nothing was changed." in shop.invoke("up")
    assert "\nproblem" not in shop.invoke("status")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "tasks",
    [
        [("upgrade", "--yes")],
        pytest.param([("upgrade",), ("deploy",)], marks=pytest.mark.long),
    ],
    ids=["at once", "later"],
)
def test_what_the_new_version_keeps_otherwise_is_built_beside_and_swapped_in(
    shop: Workspace, page: ReleasePage, tasks: list[tuple[str, ...]]
) -> None:
    """The former one keeps lengths of text wrong incrementally, so its trial made it FULL."""
    (shop.root / "models" / "marts" / "totals.sql").write_text(SHORTENED)
    superuser = ("psql", "--superuser", "--", "-c")
    shop.invoke(*superuser, "alter database shop set pg_trickle.faults = 'cast_modifier'")
    assert "PGT060" in shop.invoke("run")
    shop.invoke(*superuser, "alter database shop reset pg_trickle.faults")
    page.latest = NEW
    env = shop.env()
    options = {name: env[f"PG{name.upper()}"] for name in ("host", "port", "user", "password")}
    with scheduler(Database({**options, "dbname": "shop"}, STAND_IN)):
        told = "".join(shop.invoke(*task) for task in tasks)
    assert f"pg_trickle {NEW}: upgraded." in told
    assert "By this version's own trials something changes" in told and "Swapped " in told
    assert ("Later: invoke deploy" in told) == (len(tasks) == 2)
    mode = "select refresh_mode from pgtrickle.pgt_stream_tables where pgt_name = 'totals'"
    assert {"refresh_mode": "DIFFERENTIAL"} in shop.query(f"{mode} and pgt_schema = 'analytics'")
    shop.query("insert into public.orders values (3, 'bob', 5)")
    shop.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert shop.query("select count(*)::int as n from analytics.totals") == [{"n": 3}]


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
    shop.configure(version=BROKEN_FIXED)
    output = shop.invoke("upgrade", "--yes", status=1)
    assert "That failed; going back" in output and "division by zero" in output
    assert (extension(shop), pinned(shop)) == (("pg_trickle", OLD), OLD)
    assert totals(shop) == [{"customer": "ann", "total": 10}, {"customer": "bob", "total": 25}]

    shop.query("insert into public.orders values (4, 'ann', 1)")
    shop.configure(version=FIXED)
    output = shop.invoke("upgrade", "--yes")
    assert "upgraded" in output
    assert extension(shop) == ("pg_trickle", FIXED)
    assert totals(shop) == [{"customer": "ann", "total": 11}, {"customer": "bob", "total": 25}]
    assert shop.query("select most::int from analytics.most") == [{"most": 25}]
    assert shop.query("select count(*)::int as n from public.orders") == [{"n": 4}]
    assert pinned(shop) == FIXED


@pytest.mark.parametrize(
    "place_in_code",
    [
        pytest.param("tasklib.tasks.drop:drop_one", marks=pytest.mark.long),
        pytest.param("tasklib.tasks.upgrade:_drop", marks=pytest.mark.long),
        pytest.param("tasklib.engines.embedded.cluster:Cluster.stop", marks=pytest.mark.long),
        pytest.param("tasklib.engines.embedded.cluster:Cluster.start", marks=pytest.mark.long),
        "tasklib.engines.server.provision:update",
    ],
)
@pytest.mark.parametrize(
    "extension_named", ["auto", pytest.param(STAND_IN, marks=pytest.mark.long)]
)
def test_an_upgrade_that_is_killed_is_completed_by_the_next(
    shop: Workspace, place_in_code: str, extension_named: str
) -> None:
    shop.invoke("run")
    shop.configure(version=FIXED, extension=extension_named)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, place_in_code], cwd=shop.root, check=False,
        env={**os.environ, **shop.environment, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert killed.returncode == 9
    if extension_named == "auto":
        assert "was not finished" in shop.invoke("up")
        assert "was not finished" in shop.invoke("status")
    elif not place_in_code.endswith(("start", "update")):
        # which says no more than that, whether the server runs or not
        assert "`invoke upgrade` changes that" in shop.invoke("up", status=1)
    assert "upgraded" in shop.invoke("upgrade", "--yes")
    wanted = ("pg_trickle", FIXED) if extension_named == "auto" else (STAND_IN, "1.0")
    assert extension(shop) == wanted
    assert totals(shop) == [{"customer": "ann", "total": 10}, {"customer": "bob", "total": 20}]
    assert "was not finished" not in shop.invoke("up")
    assert "nothing to do" in shop.invoke("upgrade")


def test_stream_tables_that_dbt_could_not_build_again_stop_the_upgrade(steady: Workspace) -> None:
    query = "select id from public.orders"
    steady.query(f"select pgtrickle.create_stream_table('public.mine', '{query}')")
    steady.configure(version=FIXED)
    output = steady.invoke("upgrade", "--yes", status=1)
    assert "public.mine would not come back" in output
    assert steady.query("select count(*)::int as n from public.mine") == [{"n": 2}]
    assert_as_it_was(steady)
    steady.query("select pgtrickle.drop_stream_table('public.mine')")


@pytest.mark.parametrize(
    ("version", "status", "said"),
    [
        (BROKEN, 1, f"can't be updated to {BROKEN}: division by zero"),
        (STEPLESS, 1, f"{STEPLESS} has no update script from {OLD}"),
        ("0.67.9999", 1, "There is no release 0.67.9999"),
        (
            OLDER,
            2,
            f"asks for pg_trickle {OLDER}; the database has {OLD}, and there is no way back",
        ),
    ],
    ids=["script", "no-script", "absent", "downgrade"],
)
def test_an_upgrade_that_fails_leaves_all_as_it_was(
    steady: Workspace, version: str, status: int, said: str
) -> None:
    steady.configure(version=version)
    assert said in steady.invoke("upgrade", status=status)
    assert_as_it_was(steady)


def assert_as_it_was(made: Workspace) -> None:
    """The old version, its pin and the data are there, and nothing has to be repaired."""
    assert extension(made) == ("pg_trickle", OLD)
    assert pinned(made) == OLD
    assert made.query("select count(*)::int as n from public.orders") == [{"n": 2}]
    made.configure(version="latest")
    assert "nothing was changed" in made.invoke("up")
    assert "\nproblem" not in made.invoke("status")


def test_the_stand_in_and_the_release_change_places_when_asked(
    shop: Workspace, page: ReleasePage
) -> None:
    shop.query("create view public.mine as select pgt_name from pgtrickle.pgt_stream_tables")
    shop.configure(extension=STAND_IN)
    assert "`invoke upgrade` changes that" in shop.invoke("up", status=1)
    assert "mine would go with" in shop.invoke("upgrade", "--yes", status=1)
    assert extension(shop) == ("pg_trickle", OLD)
    assert shop.query("select count(*)::int as n from public.mine") == [{"n": 0}]
    shop.query("drop view public.mine")
    shop.invoke("run")
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
    for table in ("customers", "totals"):
        shop.query(f"select pgtrickle.drop_stream_table('analytics.{table}')")
    shop.invoke("upgrade")
    assert extension(shop) == ("pg_trickle", OLD)
    assert not (shop.state / "scheduler.pid").exists()


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


# Of this process: another one that tests at the same time removes its own.
IMAGE = f"pgtrickle-test-upgrade-{os.getpid()}"


@pytest.fixture(scope="module")
def versions(daemon: docker.DockerClient, image: str) -> Iterator[str]:
    """An image's name with three versions of the stand-in: 1.0, 1.1, and one that fails.

    Two further ones say of themselves that they are pg_trickle's, with another row identity.
    """
    scripts = {"1.0": "", "1.1": "create table public.n();", "1.2": "select 1/0;"}
    scripts |= {OLD: "", FIXED: ""}
    for version, script in scripts.items():
        made = daemon.containers.create(image)
        if version.startswith("1."):
            made.put_archive("/extension/extension", extension_files(version, script))
        labels = {} if version.startswith("1.") else {VERSION_LABEL: f"{version}-pg18.6"}
        made.commit(IMAGE, f"{version}-pg18.6", conf={"Labels": labels})
        made.remove(v=True)
    yield IMAGE
    for version in scripts:
        daemon.images.remove(f"{IMAGE}:{version}-pg18.6", force=True)


def extension_files(version: str, script: str) -> bytes:
    control = f"default_version = '{version}'\nrelocatable = false\nsuperuser = true\n"
    texts = {"pg_trickle_lite.control": control}
    if script:
        texts[f"pg_trickle_lite--1.0--{version}.sql"] = script
        texts[f"pg_trickle_lite--1.1--{version}.sql"] = script
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in texts.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o644
            tar.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def test_docker_moves_to_the_image_of_the_settings_or_back(place: Path, versions: str) -> None:
    with in_docker(place / "shop", versions, version="1.0") as made:
        made.invoke("up")
        made.query("create table kept as select 42 as answer")
        assert "nothing to do" in made.invoke("upgrade")
        made.configure(version="1.1")
        output = made.invoke("upgrade")
        assert "replaced the container" in output
        assert extension(made) == (STAND_IN, "1.1")
        assert made.query("select to_regclass('public.n') is not null as ran") == [{"ran": True}]

        made.configure(version="1.2")
        output = made.invoke("upgrade", status=1)
        assert "can't be updated to 1.2: division by zero" in output
        assert "going back to pg_trickle_lite 1.1" in output
        assert extension(made) == (STAND_IN, "1.1")
        offered = made.query("select default_version as v from pg_available_extensions "
                             "where name = 'pg_trickle_lite'")  # fmt: skip
        assert offered == [{"v": "1.1"}]
        assert made.query("select answer from kept") == [{"answer": 42}]
        made.configure(version="1.1")
        assert "nothing was changed" in made.invoke("up")
        made.configure(version="1.0")
        assert "there is no way back" in made.invoke("upgrade", status=2)
        assert extension(made) == (STAND_IN, "1.1")


@pytest.mark.long
def test_docker_puts_no_image_on_data_that_it_can_not_use(place: Path, versions: str) -> None:
    with in_docker(place / "shop", versions, version=OLD) as made:
        made.invoke("up")
        made.query("create table kept as select 42 as answer")
        made.configure(image=f"{versions}:{FIXED}-pg18.6")
        output = made.invoke("up", status=1)
        assert f"The image has pg_trickle {FIXED}; the data are of {OLD}" in output
        assert "`invoke upgrade`" in output
        assert made.query("select answer from kept") == [{"answer": 42}]
        assert "replaced the container" in made.invoke("upgrade")
        assert made.query("select answer from kept") == [{"answer": 42}]
        made.configure(image=f"{versions}:{OLD}-pg18.6")
        assert f"The image has pg_trickle {OLD}; the data are of {FIXED}" in made.invoke(
            "up", status=1
        )
