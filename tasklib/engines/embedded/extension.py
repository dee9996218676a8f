"""Which extension an embedded server's data have: decided once, kept with the data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tasklib.base.errors import UserError
from tasklib.engines.base import STAND_IN
from tasklib.engines.embedded import store
from tasklib.engines.embedded.cluster import Cluster
from tasklib.engines.embedded.layout import Layout
from tasklib.engines.release import pinned
from tasklib.project.project import Project

NOTE = "pgtrickle.json"
REAL = "pg_trickle"
CHOICES = ("auto", REAL, STAND_IN)


@dataclass(frozen=True)
class Extension:
    """An extension, and why that one.

    Attributes:
        name: pg_trickle or pg_trickle_lite.
        version: the release's; empty for the stand-in, which comes with the project.
        sha256: the release archive's checksum.
        reason: why this one, in words for the user.
    """

    name: str
    version: str = ""
    sha256: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """Its name with its version."""
        return f"{self.name} {self.version}".strip()

    def note(self) -> str:
        """What is kept with the data."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def folder(self, layout: Layout) -> Path:
        """Where the release is kept on this machine."""
        return store.folder(self.version, self.sha256, layout)


def of_data(cluster: Cluster) -> Extension:
    """The extension that existing data have.

    Raises:
        UserError: what tells it can't be read.
    """
    text = cluster.note(NOTE)
    if not text:
        return Extension(STAND_IN)
    try:
        return Extension(**json.loads(text))
    except (ValueError, TypeError):
        raise UserError(
            f"{cluster.layout.data / NOTE} is damaged: it tells which extension the data have.",
            'For the stand-in, write {"name": "pg_trickle_lite"} into it.',
        ) from None


def wanted(project: Project) -> str:
    """What the settings ask for: auto, pg_trickle or pg_trickle_lite.

    Raises:
        UserError: (exit status 2) no such extension.
    """
    name = str(project.settings.get("extension") or "auto")
    if name not in CHOICES:
        raise UserError(
            f"invoke.yaml: extension '{name}' does not exist.",
            f"Write one of: {', '.join(CHOICES)}.",
            2,
        )
    # Whoever names an archive wants what is in it.
    return REAL if name == "auto" and project.settings.get("archive") else name


def choose(project: Project, layout: Layout) -> Extension:
    """Decide for new data; a release is then on this machine and pinned.

    Raises:
        UserError: the settings ask for the release, and it can't be had.
    """
    name, untouched = wanted(project), not layout.made()
    if name == STAND_IN:
        return stand_in()
    try:
        return obtain(project, layout)
    except UserError as error:
        if name == REAL:
            if untouched:
                layout.delete(project)
            raise
        why = " ".join(error.cause.split()).rstrip(".")
        again = "`invoke upgrade` tries again"
        return Extension(STAND_IN, reason=f"no release of pg_trickle: {why}; {again}")


def stand_in() -> Extension:
    """The stand-in, because the settings say so."""
    return Extension(STAND_IN, reason=f"invoke.yaml asks for {STAND_IN}")


def obtain(project: Project, layout: Layout, *, anew: bool = False) -> Extension:
    """Have the release of the settings on this machine, and pin it.

    Args:
        project: the project.
        layout: its places.
        anew: ask again what `latest` is.

    Raises:
        UserError: it can't be had.
    """
    found = pinned.resolve(project, anew=anew)
    store.obtain(project, found, layout)
    pinned.keep(project, found)
    return Extension(REAL, found.version, found.sha256, "the release of pg_trickle runs here")


def require_agreement(project: Project, present: Extension) -> None:
    """Refuse settings that ask for another extension than the data have.

    Raises:
        UserError: they do.
    """
    name = wanted(project)
    if name not in ("auto", present.name):
        raise UserError(
            f"invoke.yaml asks for the extension {name}; the data have {present.text}.",
            "`invoke upgrade` changes that: it drops the stream tables, keeps everything else, "
            "and has dbt build them again. Or put the setting back.",
        )
