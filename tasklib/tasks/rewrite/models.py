"""Which models to look at, with their files and what dbt makes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.catalog.database import Connection
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Contents, Status
from tasklib.project import compiled, manifest
from tasklib.project.dbt import quietly
from tasklib.project.project import Project
from tasklib.tasks.status import is_recomputed


@dataclass(frozen=True)
class Model:
    """A stream-table model.

    Args:
        name: its name in dbt.
        path: its file.
        raw: what stands in it.
        compiled: what dbt makes of it.
        settings: its configuration.
        contract: whether a contract holds its columns.
        relations: (schema, name) of what it reads, by the text of ref() or source().
        is_read: whether another stream table reads it, which has to be kept right too then.
        owner: of its stream table, whose code its query is; None where there is none yet.
    """

    name: str
    path: Path
    raw: str
    compiled: str
    settings: dict[str, Any]
    contract: bool
    relations: dict[str, tuple[str, str]]
    is_read: bool
    owner: str | None = None


def chosen(project: Project, connection: Connection, names: Sequence[str]) -> list[Model]:
    """The models that are named, or those that were asked to be incremental and are not.

    Args:
        project: the project.
        connection: to its database.
        names: models, or stream tables as `schema.name`.

    Raises:
        UserError: (exit status 2) a name is no stream-table model's, or dbt can't compile them.
    """
    known = manifest.stream_table_models(project)
    if known is None:
        quietly(project, "parse")
        known = manifest.stream_table_models(project) or []
    wanted = set(names) or _recomputed(connection, known)
    found = {
        model.model
        for model in known
        if {model.model, f"{model.schema_name}.{model.table_name}"} & wanted
    }
    answered = {f"{m.schema_name}.{m.table_name}" for m in known if m.model in found} | found
    for name in sorted(wanted - answered):
        raise UserError(
            f"No model '{plain(name)}' is a stream table.",
            "Look at the names: dbt ls --select config.materialized:stream_table",
            2,
        )
    if not found:
        return []
    nodes = compiled.stream_tables(project, "--select", *sorted(found))
    relations = manifest.relations(project)
    read = manifest.read_by_stream_tables(project)
    held = fetch(
        connection, Contents, managed=manifest.as_json(known), names=json.dumps(sorted(found))
    )
    owners = {row["model"]: row["owner"] for row in held}
    models = [
        _model(project, node, relations, read, owners.get(node["name"]))
        for node in nodes
        if node["name"] in found
    ]
    return sorted(models, key=lambda model: model.name)


def _recomputed(connection: Connection, known: list[manifest.Model]) -> set[str]:
    rows = fetch(connection, Status, managed=manifest.as_json(known))
    return {
        row["model"]
        for row in rows
        if row["model"]
        and (
            is_recomputed(row)
            or (row["reason"] == "not_in_database" and row["requested_mode"] != "FULL")
        )
    }


def _model(
    project: Project,
    node: dict[str, Any],
    relations: dict[str, tuple[str, str]],
    read: set[str],
    owner: str | None,
) -> Model:
    settings = node["config"]
    under = {one: relations[one] for one in node["depends_on"]["nodes"] if one in relations}
    return Model(
        name=node["name"],
        path=project.root / node["original_file_path"],
        raw=node["raw_code"],
        compiled=node["compiled_code"].strip().rstrip(";"),
        settings={
            **(settings.get("meta") or {}),
            **{k: v for k, v in settings.items() if v is not None},
        },
        contract=bool((settings.get("contract") or {}).get("enforced")),
        relations={_call(unique_id): place for unique_id, place in under.items()},
        is_read=node["unique_id"] in read,
        owner=owner,
    )


def _call(unique_id: str) -> str:
    """How a model names another node: `model.shop.orders` is ref('orders')."""
    kind, _, *names = unique_id.split(".")
    if kind == "model" and len(names) > 1:
        return f"ref('{names[0]}', v={names[1].removeprefix('v')})"
    listed = ", ".join(f"'{name}'" for name in names)
    return f"source({listed})" if kind == "source" else f"ref({listed})"
