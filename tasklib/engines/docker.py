"""The docker engine: the official image, in a container and a volume of this project's own."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence

from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.volumes import Volume

from tasklib import env_file
from tasklib.engines import daemon, image, port, provision
from tasklib.engines.base import STAND_IN, Status
from tasklib.engines.psql import psql
from tasklib.engines.scheduler import Scheduler
from tasklib.errors import UserError
from tasklib.logs import last_lines
from tasklib.project import Project

SUPERUSER = "postgres"
READY_SECONDS = 120
POLL_SECONDS = 0.1
STOP_SECONDS = 30
OWNER_LABEL = "dbt-pgtrickle.project"
SETTINGS_LABEL = "dbt-pgtrickle.settings"
# PostgreSQL 18's image keeps each major version in a folder of its own below this one.
DATA_FOLDER = "/var/lib/postgresql"
OLD_DATA = ("incompatible with server", "initialized by PostgreSQL", "unused mount/volume")


def obstacle(project: Project) -> str | None:
    """Why Docker can't be used for a project, in words for the user; None if it can."""
    try:
        with daemon.explained(project.port):
            image.obtain(daemon.connect(), project)
    except UserError as error:
        return error.cause.rstrip(".")
    return None


class Docker:
    """A container that belongs to one project; only what carries its label is ever touched."""

    name = "docker"

    def __init__(self, project: Project) -> None:
        self._project = project
        self._client = daemon.connect()
        self._scheduler = Scheduler(project.root, project.state_dir)
        digest = hashlib.sha256(os.fsencode(project.root)).hexdigest()[:8]
        self._name = f"pgtrickle-{project.slug}-{digest}"
        self._options = dict(project.settings.get("docker") or {})

    def prepare(self) -> None:
        """Have the image.

        Raises:
            UserError: it can't be had.
        """
        with daemon.explained(self._project.port):
            image.obtain(self._client, self._project)

    def up(self) -> list[str]:
        """Make or start the container, create database and extension, as needed.

        Raises:
            UserError: what keeps one of these from happening.
        """
        done: list[str] = []
        with daemon.explained(self._project.port):
            wanted = image.obtain(self._client, self._project)
            settings = self._settings(str(wanted.id))
            container = self._container()
            password = self._password(container)
            if container and container.labels.get(SETTINGS_LABEL) != settings:
                self._remove(container)
                container = None
                done.append("removed the container with other settings; its volume stays")
            if container is None or container.status != "running":
                port.require_free(self._project.port)
            connection = {**self.connection(), "PGPASSWORD": password}
            if env_file.differs(self._project.env_path, connection) and self._scheduler.stop():
                done.append("stopped the scheduler of the former connection")
            env_file.update(self._project.env_path, connection)
            if container is None:
                container = self._create(str(wanted.id), settings, password)
                done.append(f"made the container {self._name}")
            if container.status != "running":
                container.start()
                done.append(f"started PostgreSQL on port {self._project.port}")
            self._wait(container)
        done += provision.provide(self._project)
        with provision.open_database(self._project) as opened:
            stand_in = provision.facts(opened).extension == STAND_IN
        if stand_in and self._scheduler.start(self._project.environment()):
            done.append("started the scheduler")
        return done

    def down(self, *, volumes: bool) -> list[str]:
        """Stop the container; remove it and its volume if volumes.

        Raises:
            UserError: Docker refuses.
        """
        done = ["stopped the scheduler"] if self._scheduler.stop() else []
        with daemon.explained(self._project.port):
            container = self._container()
            if container and container.status == "running":
                container.stop(timeout=STOP_SECONDS)
                done.append(f"stopped the container {self._name}")
            if volumes and container:
                self._remove(container)
                done.append(f"removed the container {self._name}")
            volume = self._volume()
            if volumes and volume:
                volume.remove()
                done.append(f"deleted the volume {self._name}")
        return done

    def data(self) -> str:
        """The volume, if there is one."""
        with daemon.explained(self._project.port):
            return f"the volume {self._name}" if self._volume() else ""

    def status(self) -> Status:
        """What runs now."""
        with daemon.explained(self._project.port):
            container = self._container()
        if container is None or container.status != "running":
            return Status()
        with provision.open_database(self._project) as connection:
            found = provision.facts(connection)
        scheduler = "the server's own"
        if found.extension == STAND_IN:
            process = self._scheduler.process()
            scheduler = f"pid {process.pid}" if process else ""
        problems = () if scheduler else ("the scheduler doesn't run; run `invoke up`",)
        return Status(
            address=f"{port.HOST}:{self._project.port}/{self._project.database}",
            server=f"PostgreSQL {found.server} (container {self._name})",
            extension=found.extension_text,
            scheduler=scheduler,
            problems=problems,
        )

    def connection(self) -> Mapping[str, str]:
        """The PG* variables that .env gets, the password aside."""
        return {
            "PGHOST": port.HOST,
            "PGPORT": str(self._project.port),
            "PGUSER": SUPERUSER,
            "PGDATABASE": self._project.database,
        }

    def psql(self, arguments: Sequence[str]) -> int:
        """Open the wheel's psql on the published port."""
        return psql(self._project, arguments)

    def show_logs(self, *, lines: int, follow: bool) -> None:
        """Print the container's log.

        Raises:
            UserError: there is no container.
        """
        with daemon.explained(self._project.port):
            container = self._container()
            if container is None:
                raise UserError(f"There is no container {self._name}.", "Run `invoke up`.")
            try:
                for chunk in container.logs(stream=True, follow=follow, tail=lines):
                    print(chunk.decode(errors="replace"), end="", flush=True)
            except KeyboardInterrupt:
                pass

    def _container(self) -> Container | None:
        try:
            container = self._client.containers.get(self._name)
        except NotFound:
            return None
        self._require_own("container", container.labels)
        return container

    def _volume(self) -> Volume | None:
        try:
            volume = self._client.volumes.get(self._name)
        except NotFound:
            return None
        self._require_own("volume", volume.attrs.get("Labels") or {})
        return volume

    def _require_own(self, kind: str, labels: Mapping[str, str]) -> None:
        if labels.get(OWNER_LABEL) != str(self._project.root):
            raise UserError(
                f"There is a {kind} {self._name} that this project didn't make.",
                f"Rename or remove it: docker {kind} rm {self._name}",
            )

    def _settings(self, image_id: str) -> str:
        parts = [image_id, self._project.port, self._options]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _password(self, container: Container | None) -> str:
        stored = env_file.read(self._project.env_path).get("PGPASSWORD")
        if stored:
            return stored
        for variable in container.attrs["Config"]["Env"] if container else []:
            name, _, value = variable.partition("=")
            if name == "POSTGRES_PASSWORD":
                return str(value)
        if self._volume():
            raise UserError(
                f"{self._project.env_path} has no PGPASSWORD; the volume {self._name} needs it.",
                "Put it back; or `invoke down --volumes` deletes the data.",
            )
        return secrets.token_urlsafe(24)

    def _create(self, image_id: str, settings: str, password: str) -> Container:
        labels = {OWNER_LABEL: str(self._project.root)}
        if self._volume() is None:
            self._client.volumes.create(self._name, labels=labels)
        command: list[str] = []
        for key, value in dict(self._options.get("postgres") or {}).items():
            command += ["-c", f"{key}={value}"]
        return self._client.containers.create(
            image_id,
            command,
            name=self._name,
            environment={
                "POSTGRES_USER": SUPERUSER,
                "POSTGRES_PASSWORD": password,
                "POSTGRES_DB": self._project.database,
            },
            labels={**labels, SETTINGS_LABEL: settings},
            mem_limit=self._options.get("memory"),
            ports={"5432/tcp": (port.HOST, self._project.port)},
            shm_size=self._options.get("shm_size"),
            stop_signal="SIGINT",
            volumes={self._name: {"bind": DATA_FOLDER, "mode": "rw"}},
        )

    def _remove(self, container: Container) -> None:
        if container.status == "running":
            container.stop(timeout=STOP_SECONDS)
        container.remove()

    def _wait(self, container: Container) -> None:
        """Ask over TCP: on its socket the image answers while it still initialises."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                provision.open_database(self._project, provision.MAINTENANCE_DATABASE).close()
                return
            except UserError as error:
                container.reload()
                log = last_lines(container.logs(tail=10).decode(errors="replace"), 10)
                if container.status != "running":
                    raise self._ended(log) from None
                if "refuses" in error.cause or time.monotonic() > deadline:
                    raise UserError(
                        f"{error.cause}\nThe container's log:\n{log}", error.remedy
                    ) from None
            time.sleep(POLL_SECONDS)

    def _ended(self, log: str) -> UserError:
        if any(text in log for text in OLD_DATA):
            return UserError(
                f"The volume {self._name} holds data of another version of PostgreSQL:\n{log}",
                "Dump them with that version if you need them; then `invoke down --volumes`.",
            )
        if "No space left on device" in log:
            return UserError("No space left on Docker's disk.", "Make room, then `invoke up`.")
        return UserError(
            f"The container {self._name} ended. Its log:\n{log}",
            "Mend that, then run `invoke up` again.",
        )
