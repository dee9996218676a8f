"""The external engine: a server that the user names. Nothing is started, everything checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, WARN
from tasklib.catalog.database import connect
from tasklib.engines.base import Move, Status
from tasklib.engines.external import checks, wants
from tasklib.engines.psql import psql
from tasklib.engines.server import provision
from tasklib.project.project import Project


class External:
    """A server known by PGTRICKLE_DSN or PG* variables in .env or in the environment."""

    name = "external"

    def __init__(self, project: Project) -> None:
        self._project = project
        self._warnings: tuple[str, ...] = ()
        self._done: list[str] = []

    def prepare(self) -> None:
        """Check the server up to the first thing that is wrong; make dbt's role where asked for.

        Raises:
            UserError: (exit status 2) what is wrong, and its remedy.
        """
        environment = self._environment()
        if not environment.get("PGHOST"):
            raise UserError(
                "The engine is 'external', but nothing names a server.",
                f"Write PGTRICKLE_DSN=postgresql://USER:PASSWORD@HOST:5432/DATABASE into "
                f"{self._project.env_path}; or PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE.",
                2,
            )
        self._done = provision.provide_role(self._project)
        warnings = []
        for found in checks.examine(environment, wants.of(self._project)):
            if found.verdict == ERROR:
                cause = found.cause[0].upper() + found.cause[1:]
                raise UserError(f"{cause}.", found.remedy, 2)
            if found.verdict == WARN:
                warnings.append(found.cause)
        advice = ["`invoke doctor` tells what to type about that"] if warnings else []
        self._warnings = (*warnings, *advice)

    def up(self) -> list[str]:
        """Start nothing."""
        return self._done

    def wake(self) -> list[str]:
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
            scheduler="the primary's: this is a read replica"
            if found.replica
            else "the server's own",
            problems=self._warnings
            if found.extension
            else ("the extension pg_trickle is not there",),
        )

    def connection(self) -> Mapping[str, str]:
        """Nothing: the user writes .env."""
        return {}

    def psql(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Open the wheel's psql."""
        return psql(self._project, arguments, environment)

    def show_logs(self, *, lines: int, follow: bool) -> None:  # noqa: ARG002 none to show
        """Say that there are none to be read from here.

        Raises:
            UserError: always.
        """
        raise UserError("An external server has no logs on this machine.", "Look at its own.")

    def _facts(self) -> provision.Facts:
        try:
            with connect(self._environment()) as connection:
                return provision.facts(connection)
        except UserError as error:
            raise UserError(error.cause, "Find out why with: invoke doctor", 2) from None

    def _environment(self) -> dict[str, str]:
        return self._project.environment(external=True)

    def _address(self) -> str:
        environment = self._environment()
        place = f"{environment['PGHOST']}:{environment.get('PGPORT', '5432')}"
        return f"{place}/{environment.get('PGDATABASE', '')}"
