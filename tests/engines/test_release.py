"""The embedded engine with pg_trickle's release: had, verified, kept, and pinned."""

from __future__ import annotations

import json
import signal
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasklib import engines
from tasklib.base.errors import UserError
from tasklib.engines import lock
from tasklib.engines.release.pinned import archive_name
from tasklib.project.project import find_project
from tests.support.release import (
    GARBAGE,
    NEWER,
    ReleasePage,
    forget,
    kept,
    make_archive,
    member,
    release_page,
)
from tests.support.workspace import NO_RELEASE, Workspace, open_folder, workspace

# No release has such a number, so that the tests' archives are told from real ones.
VERSION = "0.67.9001"
OTHER = "0.67.9002"
EXTENSION = "select extname, extversion from pg_extension where extname like 'pg_tr%'"


@pytest.fixture(scope="module", autouse=True)
def _clean() -> Iterator[None]:
    yield
    for version in (VERSION, OTHER):
        forget(version)


@pytest.fixture
def page() -> Iterator[ReleasePage]:
    """A release page on loopback, still empty."""
    with release_page() as made:
        yield made


@pytest.fixture
def shop(project: Workspace, page: ReleasePage) -> Workspace:
    """A project that was never up and asks the page."""
    project.environment = page.environment
    return project


@pytest.fixture(scope="module")
def released() -> Iterator[Workspace]:
    """A project that is up with a release, for tests that only look."""
    with release_page() as page, open_folder() as folder, workspace(folder / "shop") as made:
        page.publish(VERSION, make_archive(VERSION))
        made.environment = page.environment
        made.configure(postgres={"work_mem": "5MB", "shared_preload_libraries": "auto_explain"})
        made.invoke("up")
        yield made


@pytest.fixture(scope="module")
def strict() -> Iterator[Workspace]:
    """A project that takes nothing but the release, for tests in which it never gets it."""
    with open_folder() as folder, workspace(folder / "shop") as made:
        made.configure(extension="pg_trickle", engine="embedded")
        yield made


def refusal(made: Workspace) -> str:
    """What the embedded engine says before anything of another engine is stopped; "" if nothing."""
    found = find_project(made.root)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in made.environment.items():
            patched.setenv(name, value)
        try:
            with lock.exclusive(found.state_dir):
                engines.engine("embedded", found).prepare()
        except UserError as error:
            return str(error)
    return ""


def assert_no_trace(made: Workspace) -> None:
    assert kept(OTHER) == []
    assert not (made.root / "pgtrickle.lock").exists()
    assert not (made.root / ".env").exists()
    assert not (made.state / "data").exists()


def pin(made: Workspace) -> dict[str, Any]:
    return dict(json.loads((made.root / "pgtrickle.lock").read_text())["release"])


def setting(made: Workspace, name: str) -> str:
    asked = f"select current_setting('{name}') as value"
    return str(made.query(asked, **made.superuser)[0]["value"])


def test_latest_is_resolved_once_then_pinned_with_its_checksum(
    shop: Workspace, page: ReleasePage
) -> None:
    archive = make_archive(VERSION)
    path = page.publish(VERSION, archive)
    output = shop.invoke("up")
    assert f"with pg_trickle {VERSION}. Why: auto: No Docker" in output
    assert shop.query(EXTENSION) == [{"extname": "pg_trickle", "extversion": VERSION}]
    assert (pin(shop)["version"], pin(shop)["for"]) == (VERSION, "latest")
    assert page.files[f"v{VERSION}/SHA256SUMS.txt"].decode().split()[0] in str(pin(shop)["sha256"])

    page.publish(OTHER, make_archive(OTHER))
    page.asked.clear()
    shop.invoke("down", "--volumes", "--yes")
    forget(VERSION)
    shop.invoke("up")
    assert page.asked == [f"/releases/download/{path}"]
    assert shop.query(EXTENSION) == [{"extname": "pg_trickle", "extversion": VERSION}]


def test_a_release_has_its_own_scheduler_and_is_no_stand_in(released: Workspace) -> None:
    assert not (released.state / "scheduler.pid").exists()
    output = released.invoke("status")
    assert f"extension  pg_trickle {VERSION}\n" in output
    assert "scheduler  the server's own" in output
    assert "\nproblem" not in output
    assert "nothing was changed" in released.invoke("up")


def test_the_server_preloads_it_with_the_presets_and_the_users_settings(
    released: Workspace,
) -> None:
    assert setting(released, "shared_preload_libraries") == "pg_trickle,auto_explain"
    assert setting(released, "max_worker_processes") == "32"
    assert setting(released, "pg_trickle.compact_threshold") == "0"
    assert setting(released, "synchronous_commit") == "on"
    assert setting(released, "work_mem") == "5MB"


def test_changed_settings_are_told_until_a_restart(released: Workspace) -> None:
    former = released.settings()["postgres"]
    released.configure(postgres=former | {"work_mem": "6MB"})
    assert "work_mem: changed, in effect after" in released.invoke("status")
    released.configure(postgres=former, version=OTHER)
    assert f"asks for pg_trickle {OTHER}; these data have {VERSION}" in released.invoke("status")
    released.configure(version="latest")


def test_a_release_is_kept_for_the_next_project(
    released: Workspace, shop: Workspace, page: ReleasePage
) -> None:
    archive = kept(VERSION)
    (shop.root / "pgtrickle.lock").write_bytes((released.root / "pgtrickle.lock").read_bytes())
    shop.configure(extension="pg_trickle")
    assert refusal(shop) == ""
    assert page.asked == []
    assert kept(VERSION) == archive


def test_a_cleared_cache_is_filled_again_with_the_same_release(
    shop: Workspace, page: ReleasePage
) -> None:
    path = page.publish(VERSION, make_archive(VERSION))
    shop.invoke("up")
    shop.invoke("down")
    forget(VERSION)
    page.publish(OTHER, make_archive(OTHER))
    content = page.files.pop(path)
    output = shop.invoke("up", status=1)
    assert f"The data need pg_trickle {VERSION}, which is no longer in" in output
    page.files[path] = content
    shop.invoke("up")
    assert shop.query(EXTENSION) == [{"extname": "pg_trickle", "extversion": VERSION}]


def link() -> tarfile.TarInfo:
    return member("pg_trickle/lib/more.so", tarfile.SYMTYPE, "/etc/passwd")


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (make_archive(OTHER)[:-2000], "is broken"),
        (b"<html>no archive</html>", "is broken"),
        (make_archive(OTHER, further=[member("pg_trickle/../../evil")]), "outside of its folder"),
        (make_archive(OTHER, further=[member("/tmp/evil")]), "outside of its folder"),  # noqa: S108
        (make_archive(OTHER, further=[link()]), "a link or a device"),
        (
            make_archive(OTHER, further=[member("x", tarfile.LNKTYPE, "/etc/passwd")]),
            "a link or a device",
        ),
        (make_archive(OTHER, further=[member("x", tarfile.CHRTYPE)]), "a link or a device"),
        (make_archive(OTHER, library=GARBAGE), "doesn't load here"),
        (make_archive(OTHER, library=NEWER), "a newer system (glibc) than this one"),
    ],
    ids=[
        "truncated", "html", "dots", "absolute", "symlink", "hardlink", "device", "garbage",
        "glibc",
    ],
)  # fmt: skip
def test_an_archive_that_is_no_good_leaves_no_trace_and_explains_itself(
    strict: Workspace, page: ReleasePage, archive: bytes, said: str
) -> None:
    page.publish(OTHER, archive)
    strict.environment = page.environment
    assert said in refusal(strict)
    assert_no_trace(strict)
    assert not Path("/tmp/evil").exists()  # noqa: S108


def test_a_tampered_archive_is_told_with_both_checksums_and_deleted(
    strict: Workspace, page: ReleasePage
) -> None:
    page.publish(OTHER, make_archive(OTHER), digest="0" * 64)
    strict.environment = page.environment
    output = strict.invoke("up", status=1)
    assert "is not what its checksum says" in output
    assert "0" * 64 in output
    assert_no_trace(strict)


def test_a_download_that_breaks_off_is_told(strict: Workspace, page: ReleasePage) -> None:
    page.cut.add(page.publish(OTHER, make_archive(OTHER)))
    strict.environment = page.environment
    assert "broke off" in refusal(strict)
    assert_no_trace(strict)


def test_ctrl_c_in_the_middle_of_a_download_leaves_no_trace(
    strict: Workspace, page: ReleasePage
) -> None:
    path = page.publish(OTHER, make_archive(OTHER))
    page.held = threading.Event()
    strict.environment = page.environment
    with strict.popen("up") as process:
        deadline = time.monotonic() + 30
        while not any(path in asked for asked in page.asked) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        page.held.set()
        assert process.wait(30) != 0
    assert_no_trace(strict)


def test_two_projects_that_get_a_release_at_once_share_it(
    shop: Workspace, page: ReleasePage, place: Path
) -> None:
    forget(VERSION)
    page.publish(VERSION, make_archive(VERSION))
    with workspace(place / "twin") as twin:
        twin.environment = page.environment
        started = [made.popen("up") for made in (shop, twin)]
        for process in started:
            output = process.communicate(timeout=60)[0]
            assert f"with pg_trickle {VERSION}." in output
    assert len(kept(VERSION)) == 1


def test_a_release_without_this_platform_names_those_it_has(
    strict: Workspace, page: ReleasePage
) -> None:
    page.publish(OTHER, b"", name=f"pg_trickle-{OTHER}-pg18-plan9-mips.tar.gz")
    strict.environment = page.environment
    said = refusal(strict)
    assert "has no archive for linux-" in said
    assert "it has: plan9-mips" in said


def test_a_version_that_does_not_exist_is_told(shop: Workspace) -> None:
    shop.configure(extension="pg_trickle", version="0.66.6")
    assert "There is no release 0.66.6 of pg_trickle" in refusal(shop)
    shop.configure(version="../../etc")
    assert "is no version" in refusal(shop)


def test_a_mirrors_password_is_sent_but_never_shown(strict: Workspace, page: ReleasePage) -> None:
    for url in (page.url, NO_RELEASE):
        strict.environment = {"PGTRICKLE_RELEASE_URL": url.replace("://", "://me:s3cret@")}
        said = refusal(strict)
        assert url.partition("://")[2].partition("/")[0] in said
        assert "s3cret" not in said
    assert page.users == {"me:s3cret"}


def test_auto_moves_on_to_the_stand_in_says_why_and_stays_there(
    shop: Workspace, page: ReleasePage
) -> None:
    forget(OTHER)
    page.publish(OTHER, make_archive(OTHER, library=GARBAGE))
    output = shop.invoke("up")
    assert "pg_trickle_lite 1.0 (the stand-in" in output
    assert f"no release of pg_trickle: The library of pg_trickle {OTHER} doesn't load" in output
    assert "`invoke upgrade` tries again" in output
    page.publish(VERSION, make_archive(VERSION))
    shop.invoke("down")
    assert "pg_trickle_lite 1.0 (the stand-in" in shop.invoke("up")
    shop.configure(extension="pg_trickle")
    output = shop.invoke("up", status=1)
    assert "invoke.yaml asks for the extension pg_trickle; the data have pg_trickle_lite" in output
    assert "`invoke upgrade` changes that" in output
    assert shop.query(EXTENSION)[0]["extname"] == "pg_trickle_lite"


def test_the_stand_in_can_be_asked_for_and_needs_no_network(
    shop: Workspace, page: ReleasePage
) -> None:
    page.publish(VERSION, make_archive(VERSION))
    shop.configure(extension="pg_trickle_lite")
    assert "invoke.yaml asks for pg_trickle_lite" in shop.invoke("up")
    assert page.asked == []
    shop.configure(extension="pg_trickle_heavy")
    assert "'pg_trickle_heavy' does not exist" in shop.invoke("up", status=2)


def test_without_a_network_up_moves_on_at_once(project: Workspace) -> None:
    began = time.monotonic()
    output = project.invoke("up")
    assert "no release of pg_trickle: 127.0.0.1:1 can't be reached" in output
    assert time.monotonic() - began < 15
    assert not (project.root / "pgtrickle.lock").exists()


@pytest.mark.parametrize("way", ["archive", "folder", "url"])
def test_without_internet_a_file_or_a_folder_serves(
    project: Workspace, page: ReleasePage, way: str
) -> None:
    forget(VERSION)
    path = Path(page.publish(VERSION, make_archive(VERSION)))
    folder = project.root.parent / "down loads"
    folder.mkdir()
    for name, content in page.files.items():
        (folder / Path(name).name).write_bytes(content)
    if way == "archive":
        project.configure(archive=f"../down loads/{path.name}")
    else:
        place = str(folder) if way == "folder" else folder.as_uri()
        project.environment = {"PGTRICKLE_RELEASE_URL": place}
    project.configure(extension="pg_trickle")
    assert refusal(project) == ""
    assert pin(project)["version"] == VERSION
    assert len(kept(VERSION)) == 1
    assert page.asked == []


def test_an_archive_without_a_checksum_is_refused_with_the_way_to_make_one(
    project: Workspace,
) -> None:
    name = archive_name(VERSION)
    (project.root / name).write_bytes(make_archive(VERSION))
    project.configure(archive=name)
    said = refusal(project)
    assert f"There is no SHA256SUMS.txt in {project.root}" in said
    assert "sha256sum" in said
