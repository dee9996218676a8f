"""Stream-table models as dbt compiles them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tasklib.project import manifest
from tasklib.project.dbt import listed, quietly, v2
from tasklib.project.project import Project


def stream_tables(project: Project, *selection: str) -> list[dict[str, Any]]:
    """The nodes of the stream-table models that are selected, with `compiled_code`.

    Args:
        project: the project.
        selection: dbt's own words for it, and flags of `dbt compile`.

    Raises:
        UserError: (exit status 2) dbt is missing, or can't compile the project.
    """
    return by_kind(project, *selection)["stream_table"]


def by_kind(project: Project, *selection: str) -> dict[str, list[dict[str, Any]]]:
    """The nodes that are selected, with `compiled_code`, by their materialization.

    Args:
        project: the project.
        selection: dbt's own words for it, and flags of `dbt compile`.

    Raises:
        UserError: (exit status 2) dbt is missing, or can't compile the project.
    """
    if v2():
        nodes = _from_manifest(project, *selection)
    else:
        _, result = quietly(project, "compile", *selection)
        nodes = [item.node.to_dict() for item in result]
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for node in nodes:
        found[node["config"].get("materialized") or ""].append(node)
    return found


def _from_manifest(project: Project, *selection: str) -> list[dict[str, Any]]:
    """dbt v2 gives no result, and its manifest has what wasn't selected, too."""
    words = [word for word in selection if word != "--full-refresh"]
    names = [one["unique_id"] for one in listed(project, *words, keys=["unique_id"])]
    quietly(project, "compile", *selection)
    known = manifest.nodes(project)
    return [known[name] for name in names]
