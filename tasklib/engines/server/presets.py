"""PostgreSQL's settings on the engines that we configure: safe ones, and the user's over them."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import InvalidVersion, Version

from tasklib.base.errors import UserError
from tasklib.project.project import Project

# What each preset is for; `doctor` says so where a server has another value.
WHY = {
    "max_worker_processes": "the launcher, a scheduler for each database and the refreshes share "
    "them; too few fail silently",
    "synchronous_commit": "with off, 0.67.0 loses TRUNCATEs",
    "pg_trickle.change_buffer_durability": "an unlogged change buffer is lost in a crash",
    "pg_trickle.enable_fused_refresh": "fused refreshes are missing from the history",
    "pg_trickle.cdc_mode": "auto hands a source over from triggers to WAL, which can miss writes",
    "pg_trickle.compact_threshold": "compaction drops changes that a slower reader still needs",
    "pg_trickle.cleanup_use_truncate": "a change that commits just before the TRUNCATE is lost",
    "pg_trickle.refresh_strategy": "with auto, a refresh of many changes recomputes "
    "everything, and counts what was written meanwhile again in the next one",
    "pg_trickle.parallel_refresh_mode": "with on, refreshes side by side of stream tables on one "
    "table lose what is written meanwhile",
    "track_commit_timestamp": "exact freshness targets (target_freshness) need it",
}
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
        "max_worker_processes": "32",
        "synchronous_commit": "on",
        # of no version is it known that it doesn't
        "pg_trickle.parallel_refresh_mode": "off",
    }
    if version is None or not _before(version, "0.68"):
        # Not honoured before.
        settings["pg_trickle.change_buffer_durability"] = "logged"
    if _before(version, "0.82"):
        # Later versions have it off by themselves.
        settings["pg_trickle.enable_fused_refresh"] = "off"
    if _before(version, "0.103"):
        settings["pg_trickle.cdc_mode"] = "trigger"
    if _before(version, "0.108"):
        settings["pg_trickle.compact_threshold"] = "0"
        settings["pg_trickle.cleanup_use_truncate"] = "off"
        settings["pg_trickle.refresh_strategy"] = "differential"
    if not _before(version, "0.90"):
        settings["track_commit_timestamp"] = "on"
    return settings


def serves(name: str, found: str, wanted: str) -> bool:
    """Whether a server's value of a setting does what the wanted one is for.

    Args:
        name: the setting.
        found: its value in pg_settings, which tells it in the setting's base unit.
        wanted: the value as it is written.
    """
    if name == "max_worker_processes":
        return int(found) >= int(wanted)
    if name == "synchronous_commit":
        return (found == "off") == (wanted == "off")
    return found == wanted


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
