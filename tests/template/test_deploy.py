"""The folder deploy/: there when it was asked for, and what a cluster would take."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasklib.engines.server.presets import presets
from tests.support import manifests
from tests.template.helpers import copy_project

ANSWERS = {"project_slug": "web_shop", "project_name": "Web Shop", "pg_trickle_version": "0.108.1"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with everything in deploy/, only to be read."""
    return copy_project(tmp_path_factory.mktemp("deploy") / "shop", deploy="both", **ANSWERS)


@pytest.fixture(scope="module")
def resources(both: Path) -> dict[str, dict[str, Any]]:
    """The manifests' resources, by kind."""
    files = sorted((both / "deploy" / "cloudnativepg").glob("*.yaml"))
    found = [one for file in files for one in manifests.read(file.read_text())]
    return {one["kind"]: one for one in found}


@pytest.mark.parametrize(("answer", "folders"), [("none", set()), ("citus", {"citus"})])
def test_the_answer_decides_what_is_there(
    tmp_path: Path, both: Path, answer: str, folders: set[str]
) -> None:
    project = copy_project(tmp_path / "shop", deploy=answer)
    assert {path.name for path in (project / "deploy").glob("*")} == folders
    assert (project / "deploy").exists() == bool(folders)
    assert ("deploy/" in (project / "README.md").read_text()) == bool(folders)
    assert {path.name for path in (both / "deploy").glob("*")} == {"cloudnativepg", "citus"}


def test_every_field_is_one_that_the_documentation_has(resources: dict[str, Any]) -> None:
    assert set(resources) == {"Cluster", "Database", "ObjectStore", "ScheduledBackup"}


def test_the_resources_refer_to_each_other(resources: dict[str, dict[str, Any]]) -> None:
    cluster, database = resources["Cluster"]["spec"], resources["Database"]["spec"]
    name = resources["Cluster"]["metadata"]["name"]
    assert name == "web-shop"
    assert database["cluster"]["name"] == name
    assert resources["ScheduledBackup"]["spec"]["cluster"]["name"] == name
    assert database["name"] == cluster["bootstrap"]["initdb"]["database"] == "web_shop"
    assert database["owner"] == cluster["bootstrap"]["initdb"]["owner"]
    plugin = cluster["plugins"][0]
    assert plugin["parameters"]["barmanObjectName"] == resources["ObjectStore"]["metadata"]["name"]
    assert resources["ScheduledBackup"]["spec"]["pluginConfiguration"]["name"] == plugin["name"]
    assert database["extensions"] == [{"name": "pg_trickle"}]


def test_the_server_is_set_up_safely(resources: dict[str, dict[str, Any]]) -> None:
    postgresql = resources["Cluster"]["spec"]["postgresql"]
    assert postgresql["shared_preload_libraries"] == ["pg_trickle"]
    assert postgresql["parameters"] == presets(None)
    image = postgresql["extensions"][0]["image"]["reference"]
    assert image == "ghcr.io/trickle-labs/pg_trickle-ext:0.108.1"


def test_secrets_are_named_and_not_written(both: Path, resources: dict[str, Any]) -> None:
    assert "Secret" not in resources
    readme = (both / "deploy" / "cloudnativepg" / "README.md").read_text()
    owner = resources["Cluster"]["spec"]["bootstrap"]["initdb"]["secret"]["name"]
    credentials = resources["ObjectStore"]["spec"]["configuration"]["s3Credentials"]
    for name in (owner, credentials["accessKeyId"]["name"]):
        assert f"kubectl create secret generic {name} " in readme
    for key in (one["key"] for one in credentials.values()):
        assert f"`{key}=…`" in readme


def test_a_misspelt_field_is_refused_wherever_it_is(resources: dict[str, Any]) -> None:
    for resource in resources.values():
        paths = list(_fields(resource))
        assert len(paths) > 8
        for path in paths:
            damaged = copy.deepcopy(resource)
            holder = damaged
            for step in path[:-1]:
                holder = holder[step]
            holder[f"{path[-1]}s"] = holder.pop(path[-1])
            with pytest.raises(ValueError, match="no field|lacks|no such kind"):
                manifests.check(damaged)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("kind: Cluster\nkind: Cluster", "'kind' stands twice"),
        ("apiVersion: v1\nkind: Pod", "no such kind"),
    ],
)
def test_what_no_cluster_would_take_is_refused(text: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        manifests.read(text)


def test_citus_says_what_to_set_on_servers_and_models(both: Path) -> None:
    text = (both / "deploy" / "citus" / "README.md").read_text()
    for needed in (
        "wal_level = logical", "create extension dblink", "replica identity full",
        "output_distribution_column='customer_id'", "pgtrickle.citus_status", "/web_shop?",
        "the same version of pg_trickle", "0.67.0",
    ):  # fmt: skip
        assert needed in text
    assert "[[" not in text


def _fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all fields, but those whose names are free."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            if name != "parameters":
                yield from _fields(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _fields(inner, (*path, index))
