"""What a project asks of its server, as far as dbt's manifest tells."""

from __future__ import annotations

from functools import partial

from tasklib.base.errors import UserError
from tasklib.engines.external.checks import Wanted
from tasklib.engines.server import presets
from tasklib.project import manifest
from tasklib.project.project import Project


def of(project: Project, *, ours: bool = False) -> Wanted:
    """The project's schema, sources and ways of capture; just the schema before dbt ever ran.

    Args:
        project: the project.
        ours: whether an engine of ours sets the server up.
    """
    configured = partial(presets.server_settings, project) if ours else None
    try:
        sources = tuple(manifest.sources(project))
        modes = [one.refresh_mode for one in manifest.stream_table_models(project) or ()]
        immediate = any(str(mode).upper() == "IMMEDIATE" for mode in modes)
        modes_of_capture = manifest.cdc_modes(project)
        return Wanted(project.dbt_schema, sources, modes_of_capture, immediate, configured)
    except UserError:
        return Wanted(project.schema, configured=configured)
