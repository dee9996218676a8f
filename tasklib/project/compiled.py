"""Models as dbt compiles them."""

from __future__ import annotations

from typing import Any

from tasklib.project import manifest
from tasklib.project.dbt import listed, quietly, v2
from tasklib.project.project import Project


def stream_tables(project: Project, *selection: str) -> list[dict[str, Any]]:
    """The nodes of the stream-table models that are selected, with `compiled_code`.

    Arguments and errors: those of `selected`.
    """
    nodes = selected(project, *selection)
    return [node for node in nodes if node["config"].get("materialized") == "stream_table"]


def selected(project: Project, *selection: str) -> list[dict[str, Any]]:
    """The nodes that are selected, with `compiled_code` where they are models.

    Args:
        project: the project.
        selection: dbt's own words for it, and flags of `dbt compile`.

    Raises:
        UserError: (exit status 2) dbt is missing, or can't compile the project.
    """
    if v2():
        return _from_manifest(project, *selection)
    _, result = quietly(project, "compile", *selection)
    return [item.node.to_dict() for item in result]


def _from_manifest(project: Project, *selection: str) -> list[dict[str, Any]]:
    """dbt v2 gives no result, and its manifest has what wasn't selected, too."""
    words = [word for word in selection if word != "--full-refresh"]
    names = [one["unique_id"] for one in listed(project, *words, keys=["unique_id"])]
    quietly(project, "compile", *selection)
    known = manifest.nodes(project)
    return [known[name] for name in names]
