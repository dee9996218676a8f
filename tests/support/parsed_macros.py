"""dbt's parse of the macros alone, for a project to go on from: it takes longer than most tests.

dbt begins anew for each database, schema and role, and with each change of dbt_project.yml. Macros
depend on none of these, so that one parse a process does for all. Where dbt doesn't take it, it
begins anew all the same, and nothing is lost but time.
"""

from __future__ import annotations

import hashlib
import os
import pprint
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import msgpack
import yaml
from jinja2.nativetypes import NativeEnvironment

from tests.support.dbt_runner import invoke
from tests.support.temporary import new_folder

PARSE = Path("target/partial_parse.msgpack")
# For which profile and settings the parse beside it is.
MARK = Path("target/parsed-for")
# What a parse of the macros has of dbt_project.yml: its hooks, and where macros are looked for.
SETTINGS = ("name", "macro-paths", "dispatch", "on-run-start", "on-run-end")
MACROS = Path("macros/pgtrickle")
PACKAGES = Path("dbt_packages")
_parses: dict[str, bytes] = {}


def take_parsed_macros(root: Path, environment: Mapping[str, str]) -> None:
    """Give a project the parse, unless it has one for this profile and these settings.

    Args:
        root: a project that has the macros bundled, or installed as a package.
        environment: what its profile takes PGHOST and so on from.
    """
    project, profile = ((root / name).read_text() for name in ("dbt_project.yml", "profiles.yml"))
    output = _output(profile, environment)
    mark = repr((project, output))
    if (root / MARK).exists() and (root / MARK).read_text() == mark:
        return
    settings = yaml.safe_load(project)
    if not (root / MACROS).exists() and not (root / PACKAGES).exists():
        return
    kind = repr([settings.get(name) for name in SETTINGS])
    if kind not in _parses:
        _parses[kind] = _parse(root, environment)
    if not _parses[kind]:
        return
    parse = msgpack.unpackb(_parses[kind])
    state = parse["state_check"]
    state["project_hashes"][settings["name"]]["checksum"] = _checksum(project)
    state["profile_hash"]["checksum"] = _checksum(pprint.pformat(_connection_info(output)))
    for hook in parse["nodes"].values():
        hook.update(database=output["dbname"], schema=output["schema"])
    (root / "target").mkdir(exist_ok=True)
    (root / PARSE).write_bytes(msgpack.packb(parse))
    (root / MARK).write_text(mark)


def _parse(root: Path, environment: Mapping[str, str]) -> bytes:
    """dbt's parse of a project without all that is its own."""
    bare = new_folder()
    for name in ("dbt_project.yml", "profiles.yml", "packages.yml", "package-lock.yml"):
        if (root / name).exists():
            shutil.copy(root / name, bare)
    for folder in (MACROS, PACKAGES):
        if (root / folder).exists():
            shutil.copytree(root / folder, bare / folder, symlinks=True)
    with mock.patch.dict(os.environ, environment, clear=True):
        command = ["--quiet", "--no-send-anonymous-usage-stats", "parse", "--no-write-json"]
        places = ["--project-dir", str(bare), "--profiles-dir", str(bare)]
        outcome = invoke([*command, *places], lambda _: None)
    # hooks may call macros of the project's own
    return (bare / PARSE).read_bytes() if outcome.success else b""


def _output(profile: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The target of a profile, its variables filled in."""
    [(_, settings)] = yaml.safe_load(profile).items()
    native = NativeEnvironment()
    native.globals["env_var"] = lambda name, default="": environment.get(name, default)
    output = settings["outputs"][settings["target"]]
    filled = {
        key: native.from_string(value).render()
        for key, value in output.items()
        if "{{" in str(value)
    }
    return {**output, **filled}


def _connection_info(output: dict[str, Any]) -> list[Any]:
    """What dbt compares to find out that a profile has changed."""
    from dbt.adapters.postgres import PostgresCredentials  # noqa: PLC0415 slow to import

    fields = {key: value for key, value in output.items() if key not in ("type", "threads")}
    return sorted(PostgresCredentials.from_dict(fields).connection_info())


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
