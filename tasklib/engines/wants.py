"""What a project asks of its server, as far as dbt's manifest tells."""

from __future__ import annotations

from collections.abc import Mapping

from tasklib import manifest
from tasklib.engines.checks import Wanted
from tasklib.errors import UserError
from tasklib.project import Project


def of(project: Project, settings: Mapping[str, str] | None = None) -> Wanted:
    """The project's schema, sources and ways of capture; just the schema before dbt ever ran.

    Args:
        project: the project.
        settings: what the engine gave the server; None for one that isn't ours.
    """
    try:
        sources = tuple(manifest.sources(project))
        modes = manifest.cdc_modes(project)
    except UserError:
        return Wanted(project.schema, settings=settings)
    return Wanted(project.schema, sources, modes, settings)
