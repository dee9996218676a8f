"""The external engine: a server that the user names. Nothing is started, everything checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasklib.database import connect
from tasklib.engines import provision
from tasklib.engines.base import Move, Status
from tasklib.engines.cluster import MAJOR_VERSION
from tasklib.engines.psql import psql
from tasklib.errors import UserError
from tasklib.project import Project


class External:
    """A server known by PG* variables in .env or in the environment."""

    name = "external"

    def __init__(self, project: Project) -> None:
        self._project = project

    def prepare(self) -> None:
        """Check the server.

        Raises:
            UserError: nothing answers, another version, or no extension.
        """
        environment = self._project.environment()
        if not environment.get("PGHOST"):
            raise UserError(
                "The engine is 'external', but nothing names a server.",
                f"Write PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE into "
                f"{self._project.env_path}, or set them in the environment.",
                2,
            )
        found = self._facts()
        if found.major != int(MAJOR_VERSION):
            raise UserError(
                f"The server at {self._address()} is PostgreSQL {found.server}.",
                f"pg_trickle needs PostgreSQL {MAJOR_VERSION}: name another server.",
                2,
            )
        if not found.extension:
            raise UserError(
                f"The database at {self._address()} doesn't have the extension pg_trickle.",
                "Have it installed there and preloaded, then: create extension pg_trickle;",
                2,
            )

    def up(self) -> list[str]:
        """Start nothing."""
        return []

    def upgrade(self) -> Move:
        """See what the server itself has to offer: nobody but its owner installs there.

        Raises:
            UserError: not the version of the settings.
        """
        with connect(self._project.environment()) as connection:
            present = provision.facts(connection)
            offered = provision.newest(connection, present.extension)
        version = self._project.version.removeprefix("v")
        if version not in ("latest", offered):
            raise UserError(
                f"invoke.yaml asks for {present.extension} {version}; the server at "
                f"{self._address()} offers {offered or 'none'}.",
                "Have that version's package installed there and the server restarted, "
                "then run `invoke upgrade` again; or write version: latest.",
                2,
            )
        return Move(present.extension, offered, begin=list, undo=list)

    def down(self, *, volumes: bool) -> list[str]:  # noqa: ARG002 the server is not ours
        """Leave the server alone."""
        return []

    def data(self) -> str:
        """Nothing that is ours to delete."""
        return ""

    def status(self) -> Status:
        """What runs there.

        Raises:
            UserError: nothing answers.
        """
        found = self._facts()
        return Status(
            address=self._address(),
            server=f"PostgreSQL {found.server}",
            extension=found.extension_text,
            scheduler="the server's own",
            problems=() if found.extension else ("the extension pg_trickle is not there",),
        )

    def connection(self) -> Mapping[str, str]:
        """Nothing: the user writes .env."""
        return {}

    def psql(self, arguments: Sequence[str]) -> int:
        """Open the wheel's psql."""
        return psql(self._project, arguments)

    def show_logs(self, *, lines: int, follow: bool) -> None:  # noqa: ARG002 none to show
        """Say that there are none to be read from here.

        Raises:
            UserError: always.
        """
        raise UserError("An external server has no logs on this machine.", "Look at its own.")

    def _facts(self) -> provision.Facts:
        try:
            with connect(self._project.environment()) as connection:
                return provision.facts(connection)
        except UserError as error:
            remedy = f"Check PGHOST and so on in {self._project.env_path}, and the server itself."
            raise UserError(error.cause, remedy, 2) from None

    def _address(self) -> str:
        environment = self._project.environment()
        place = f"{environment['PGHOST']}:{environment.get('PGPORT', '5432')}"
        return f"{place}/{environment.get('PGDATABASE', '')}"
