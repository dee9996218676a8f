"""Which project a task runs in, and with which settings and environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tasklib.base import dsn, env_file
from tasklib.base.errors import UserError
from tasklib.project import profile

SETTINGS_FILE = "invoke.yaml"
CHOICE_FILE = "engine.json"
ROLE_VARIABLE = "PGTRICKLE_ROLE"
# of the servers that we make; dbt and whatever else a task starts never get it
SUPERUSER_PASSWORD = "PGTRICKLE_SUPERUSER_PASSWORD"  # noqa: S105 a name
ENGINES = ("auto", "docker", "embedded", "external")
DEFAULTS: Mapping[str, Any] = {
    "engine": "auto",
    "port": 18432,
    "version": "latest",
    "database": "postgres",
}
# which YAML may read as something else: on, null, 0x1
NAMES = ("slug", "schema", "database")
# libpq reads these from the environment as well; left over from another server they would
# redirect or break the connection that .env names.
SERVER_VARIABLES = (
    "PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT",
    "PGSSLKEY", "PGCHANNELBINDING", "PGREQUIREAUTH", "PGTARGETSESSIONATTRS",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """A generated dbt project: its folder and the settings of its invoke.yaml."""

    root: Path
    slug: str
    schema: str
    engine: str
    port: int
    version: str
    database: str
    settings: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def state_dir(self) -> Path:
        """What belongs to this machine only: the database's files, logs, the engine's choice."""
        return self.root / ".pgtrickle"

    @property
    def env_path(self) -> Path:
        """The file with the connection's settings and secrets."""
        return self.root / ".env"

    def remembered(self) -> dict[str, Any]:
        """What the last `invoke up` on this machine chose; empty if none can be read."""
        try:
            text = (self.state_dir / CHOICE_FILE).read_text(encoding="utf-8")
            return dict(json.loads(text))
        except (OSError, ValueError, TypeError):
            return {}

    @property
    def dbt_schema(self) -> str:
        """Where dbt builds: the schema of the profile's target, else that of invoke.yaml.

        Raises:
            UserError: .env can't be read.
        """
        found = profile.target(self.root, self.environment())
        return self.schema if isinstance(found, str) else str(found.get("schema") or self.schema)

    @property
    def external(self) -> bool:
        """Whether the server is one that the user names."""
        chosen = self.remembered()
        lasting = chosen.get("configured") == self.engine
        return (chosen.get("engine") if lasting else self.engine) == "external"

    def environment(self, *, external: bool | None = None) -> dict[str, str]:
        """This process's environment with .env over it: what dbt, psql and libpq are given.

        PGTRICKLE_ROLE in it is the role that the profile has dbt take once it is connected.

        Args:
            external: for the server that the user names; by default if that one is in use.

        Raises:
            UserError: .env can't be read, or its PGTRICKLE_DSN can't.
        """
        stored = env_file.read(self.env_path)
        inherited = dict(os.environ)
        if self.external if external is None else external:
            result = dsn.complete(stored, inherited, self.root, self.database)
        else:
            # before `invoke up` has named the project's own server, the shell's is somebody else's
            others = SERVER_VARIABLES if "PGHOST" in stored else _of_libpq(inherited)
            inherited = {name: value for name, value in inherited.items() if name not in others}
            result = inherited | stored
        result.pop(SUPERUSER_PASSWORD, None)
        return result | {ROLE_VARIABLE: profile.role(self.root, result)}


def _of_libpq(environment: Mapping[str, str]) -> set[str]:
    return {name for name in environment if name.startswith("PG") and "TRICKLE" not in name}


def find_project(start: Path | None = None) -> Project:
    """Find the project that holds a folder, looking upwards as invoke itself does.

    Args:
        start: where to begin, by default the current folder.

    Raises:
        UserError: there is no project, or its invoke.yaml has a mistake.
    """
    begin = (start or Path.cwd()).absolute()
    for folder in (begin, *begin.parents):
        if (folder / SETTINGS_FILE).is_file() and (folder / "dbt_project.yml").is_file():
            return _load(folder)
    raise UserError(
        f"{begin} is not inside a project: no folder above it has invoke.yaml and dbt_project.yml.",
        "Change into the project's folder and try again.",
        2,
    )


def read_settings(root: Path) -> dict[str, Any]:
    """All of a project's invoke.yaml.

    Raises:
        UserError: (exit status 2) it can't be read as a mapping.
    """
    return read_mapping(root / SETTINGS_FILE)


def read_mapping(file: Path) -> dict[str, Any]:
    """A YAML file that is a mapping; an empty one is an empty mapping.

    Raises:
        UserError: (exit status 2) it can't be read as one.
    """
    try:
        return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise UserError(f"{file} is not valid YAML: {told}", "Correct the file.", 2) from None
    except (OSError, TypeError, ValueError) as error:
        raise UserError(f"{file} can't be read: {error}", "Correct the file.", 2) from None


def _load(root: Path) -> Project:
    file = root / SETTINGS_FILE
    try:
        settings = dict(read_settings(root)["pgtrickle"] or {})
    except (KeyError, TypeError, ValueError):
        raise UserError(
            f"{file} has no mapping 'pgtrickle:'.", "Add it, with 'slug' and 'schema' below it.", 2
        ) from None
    empty = {key for key in NAMES if key in settings and settings[key] is None}
    for key in (*DEFAULTS, "slug", "schema"):
        overriding = os.environ.get(f"INVOKE_PGTRICKLE_{key.upper()}")
        candidates = (overriding, settings.get(key), DEFAULTS.get(key), root.name)
        settings[key] = next(value for value in candidates if value not in (None, ""))
    for key in NAMES:
        if key in empty or not isinstance(settings[key], str):
            read = "nothing" if key in empty else repr(settings[key])
            raise UserError(
                f"{file}: YAML reads {key} as {read}, which is no name.",
                f"Write it in quotes: {key}: '…'",
                2,
            )
    if settings["engine"] not in ENGINES:
        raise UserError(
            f"{file}: engine '{settings['engine']}' does not exist.",
            f"Write one of: {', '.join(ENGINES)}.",
            2,
        )
    return Project(
        root=root,
        slug=str(settings["slug"]),
        schema=str(settings["schema"]),
        engine=settings["engine"],
        port=_port(settings["port"], file),
        version=str(settings["version"]),
        database=str(settings["database"]),
        settings=settings,
    )


def _port(value: object, file: Path) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise UserError(
            f"{file}: port '{text}' is not a port.", "Write a number between 1 and 65535.", 2
        )
    return int(text)
