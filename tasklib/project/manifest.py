"""dbt's stream-table models, as its last command left them in manifest.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from tasklib.base.errors import UserError
from tasklib.project.project import Project, read_mapping

T = TypeVar("T")
PAUSED = ("PAUSED", "SUSPENDED")


@dataclass(frozen=True)
class Model:
    """A model with `materialized: stream_table`: its relation and the settings that checks need."""

    model: str
    unique_id: str
    schema_name: str
    table_name: str
    paused: bool
    refresh_mode: str | None
    warn_seconds: float | None
    error_seconds: float | None


def stream_table_models(project: Project) -> list[Model] | None:
    """The project's stream tables by its manifest; None while dbt has not written one.

    Raises:
        UserError: (exit status 2) the file can't be read.
    """
    return _read(project, lambda nodes: [_model(n) for n in nodes.values() if _is_stream_table(n)])


def nodes(project: Project) -> dict[str, dict[str, Any]]:
    """The manifest's nodes, by dbt's unique_id.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    return _read(project, dict) or {}


def table_parents(project: Project) -> list[tuple[str, str]]:
    """(stream table, dbt table that it reads, itself or through views), by model names.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """

    def pairs(nodes: dict[str, Any]) -> list[tuple[str, str]]:
        return [
            (node["name"], nodes[parent]["name"])
            for node in nodes.values()
            if _is_stream_table(node)
            for parent in sorted(_read_by(node, nodes))
            if parent in nodes and _materialized(nodes[parent]) == "table"
        ]

    return _read(project, pairs) or []


def read_by_stream_tables(project: Project) -> set[str]:
    """The unique_ids of what stream tables read, themselves or through views.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """

    def read(nodes: dict[str, Any]) -> set[str]:
        stream_tables = filter(_is_stream_table, nodes.values())
        return set().union(*(_read_by(node, nodes) for node in stream_tables))

    return _read(project, read) or set()


def _read_by(node: dict[str, Any], nodes: dict[str, Any]) -> set[str]:
    """What a node reads, and what the views among that read (pgtrickle__read_models)."""
    found: set[str] = set()
    readers = [node]
    while readers:
        parents = {one for reader in readers for one in reader["depends_on"]["nodes"]} - found
        found |= parents
        listed = [nodes[one] for one in parents if one in nodes]
        readers = [one for one in listed if _materialized(one) in {"view", "ephemeral"}]
    return found


def sources(project: Project) -> list[tuple[str, str]]:
    """Schema and name of the declared sources, by the manifest.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    found = _read(project, lambda nodes: nodes.values(), "sources") or ()
    return [(source["schema"], source["identifier"]) for source in found]


def relations(project: Project) -> dict[str, tuple[str, str]]:
    """Schema and name of what models read, by dbt's unique_id.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    found: dict[str, tuple[str, str]] = {}
    for part, name in (("nodes", "alias"), ("sources", "identifier")):
        nodes: dict[str, Any] = _read(project, lambda nodes: nodes, part) or {}
        found |= {
            unique_id: (node["schema"], node[name])
            for unique_id, node in nodes.items()
            if node.get("schema") and node.get(name)
        }
    return found


def built(project: Project) -> tuple[str, list[dict[str, str]]] | None:
    """The project's name for dbt, and the relations that its nodes make; None while not known.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """

    def relations(nodes: dict[str, Any]) -> list[dict[str, str]]:
        return [
            {"schema_name": node["schema"], "table_name": node["alias"]}
            for node in nodes.values()
            if node["resource_type"] in ("model", "seed", "snapshot")
            and _materialized(node) != "ephemeral"
        ]

    found = _read(project, relations)
    name = _read(project, lambda metadata: str(metadata["project_name"]), "metadata")
    return None if found is None or name is None else (name, found)


def seed(project: Project, relation: str) -> dict[str, Any] | None:
    """The node of the seed that is a relation; None: it is no seed's.

    Args:
        project: the project.
        relation: `schema.name`.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    nodes = _read(project, lambda nodes: list(nodes.values())) or []
    seeds = (node for node in nodes if node["resource_type"] == "seed")
    return next((one for one in seeds if f"{one['schema']}.{one['alias']}" == relation), None)


def macro_call(project: Project, name: str) -> str:
    """How the project calls a macro of ours: with the package's name where it is a package's.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    macros = _read(project, list, "macros") or []
    packages = {unique_id.split(".")[1] for unique_id in macros if unique_id.endswith(f".{name}")}
    return f"dbt_pgtrickle.{name}" if packages == {"dbt_pgtrickle"} else name


def cdc_modes(project: Project) -> dict[str, str]:
    """The ways of change capture that models ask for, each with the name of one that does.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """

    def modes(nodes: dict[str, Any]) -> dict[str, str]:
        asked = {
            str(_settings(node).get("cdc_mode") or "").lower(): node["name"]
            for node in nodes.values()
            if _is_stream_table(node)
        }
        return {mode: name for mode, name in asked.items() if mode}

    return _read(project, modes) or {}


def _read(
    project: Project, extract: Callable[[dict[str, Any]], T], part: str = "nodes"
) -> T | None:
    path = manifest_path(project)
    if not path.is_file():
        return None
    try:
        return extract(_parsed(path, path.stat().st_mtime_ns)[part])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            f"{path} can't be read ({error.__class__.__name__}: {error})",
            "Write it again with: invoke dbt -- parse",
            exit_code=2,
        ) from None


@lru_cache(maxsize=1)
def _parsed(path: Path, _written: int) -> dict[str, Any]:
    """The manifest as dbt last wrote it, which several questions of one task are about."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def as_json(models: list[Model] | None) -> str | None:
    """The models as the checks' SQL takes them; None if they aren't known."""
    return None if models is None else json.dumps([vars(model) for model in models])


def manifest_path(project: Project) -> Path:
    """Where dbt writes the project's manifest.

    Raises:
        UserError: (exit status 2) dbt_project.yml can't be read.
    """
    settings = read_mapping(project.root / "dbt_project.yml")
    target = project.environment().get("DBT_TARGET_PATH") or settings.get("target-path") or "target"
    return project.root / str(target) / "manifest.json"


def _is_stream_table(node: dict[str, Any]) -> bool:
    return node["resource_type"] == "model" and _materialized(node) == "stream_table"


def _materialized(node: dict[str, Any]) -> str | None:
    """dbt v2 lists nodes without a config."""
    return (node.get("config") or {}).get("materialized")


def _model(node: dict[str, Any]) -> Model:
    settings = _settings(node)
    return Model(
        model=node["name"],
        unique_id=node["unique_id"],
        schema_name=node["schema"],
        table_name=node["alias"],
        paused=str(settings.get("status") or "").upper() in PAUSED,
        refresh_mode=settings.get("refresh_mode"),
        warn_seconds=_seconds(settings.get("warn_seconds")),
        error_seconds=_seconds(settings.get("error_seconds")),
    )


def _settings(node: dict[str, Any]) -> dict[str, Any]:
    return {**node["config"].get("meta", {}), **_set(node["config"])}


def _set(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if value is not None}


def _seconds(value: object) -> float | None:
    return None if value is None else float(str(value))
