"""PostgreSQL's settings on the engines that we configure: safe ones, and the user's over them."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import InvalidVersion, Version

from tasklib.errors import UserError
from tasklib.project import Project

# The engine's own business; invoke.yaml has `port`, and nobody else has to get in.
RESERVED = ("port", "listen_addresses", "unix_socket_directories", "data_directory")


def presets(version: str | None) -> dict[str, str]:
    """The settings that keep a version of pg_trickle from losing changes, and those it advises.

    A setting that a version doesn't have is a warning in the server's log, no more. For an unknown
    version the careful value of each is taken: it costs space in the change buffers, not content.

    Args:
        version: pg_trickle's, such as 0.67.0; None if it isn't known.
    """
    settings = {
        # The launcher, one scheduler for each database, and the refreshes; too few fail silently.
        "max_worker_processes": "32",
        # With off, 0.67.0 loses TRUNCATEs.
        "synchronous_commit": "on",
        # Where it is honoured (0.68 and later), an unlogged buffer is lost in a crash.
        "pg_trickle.change_buffer_durability": "logged",
    }
    if _before(version, "0.82"):
        # Its refreshes are missing from the history; later versions have it off as well.
        settings["pg_trickle.enable_fused_refresh"] = "off"
    if _before(version, "0.103"):
        # `auto` hands a source over from triggers to WAL, which could miss writes.
        settings["pg_trickle.cdc_mode"] = "trigger"
    if _before(version, "0.108"):
        # Compaction drops changes that a slower reader still needs.
        settings["pg_trickle.compact_threshold"] = "0"
        # A change that commits between the look at the buffer and its TRUNCATE is lost.
        settings["pg_trickle.cleanup_use_truncate"] = "off"
    if not _before(version, "0.90"):
        # Exact freshness targets (target_freshness) need it.
        settings["track_commit_timestamp"] = "on"
    return settings


def server_settings(project: Project, version: str | None) -> dict[str, str]:
    """The presets, with the user's own settings (invoke.yaml, pgtrickle: postgres) over them.

    Args:
        project: the project.
        version: pg_trickle's; None if it isn't known.

    Raises:
        UserError: (exit status 2) they are no mapping, or one of them is the engine's business.
    """
    given = project.settings.get("postgres") or {}
    if not isinstance(given, Mapping):
        raise UserError(
            "invoke.yaml: 'postgres' is no mapping.",
            "Write it as names and values, such as: postgres: {work_mem: 64MB}",
            2,
        )
    for name in given:
        if str(name) in RESERVED:
            raise UserError(
                f"invoke.yaml: the engine sets {name} itself.",
                "Remove it from 'postgres'; the port is 'port' under 'pgtrickle'.",
                2,
            )
    return presets(version) | {str(name): _text(value) for name, value in given.items()}


def _before(version: str | None, bound: str) -> bool:
    try:
        return version is None or Version(version) < Version(bound)
    except InvalidVersion:
        return True


def _text(value: object) -> str:
    # YAML reads on and off as booleans.
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
