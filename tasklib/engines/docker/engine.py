"""The docker engine: the official image, in a container and a volume of this project's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docker.errors import DockerException
from docker.models.containers import Container
from docker.models.images import Image
from packaging.version import Version

from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.engines import port
from tasklib.engines.base import STAND_IN, Move, Status
from tasklib.engines.docker import daemon, health, image, inside
from tasklib.engines.docker.container import Containers
from tasklib.engines.docker.recipe import IMAGE_LABEL, VERSION_LABEL, Recipe, origin, recipe
from tasklib.engines.lite_process import Scheduler
from tasklib.engines.psql import psql
from tasklib.engines.server import presets, provision, roles
from tasklib.project.project import SUPERUSER_PASSWORD, Project

PSQL_VARIABLES = ("PGUSER", "PGPASSWORD", "PGDATABASE", "PGOPTIONS", "PAGER", "TERM")


def obstacle(project: Project) -> str | None:
    """Why Docker can't be used for a project, in words for the user; None if it can."""
    try:
        with daemon.explained():
            image.obtain(daemon.connect(), project)
    except UserError as error:
        return error.cause.rstrip(".")
    return None


class Docker:
    """A container that belongs to one project."""

    name = "docker"

    def __init__(self, project: Project) -> None:
        self._project = project
        self._client = daemon.connect()
        self._containers = Containers(self._client, project)
        self._scheduler = Scheduler(project.root, project.state_dir)
        self._image: tuple[Image, Mapping[str, str]] | None = None

    def prepare(self) -> None:
        """Have the image.

        Raises:
            UserError: it can't be had, or invoke.yaml has an option that doesn't exist.
        """
        with daemon.explained():
            self._recipe()

    def up(self) -> list[str]:
        """Make, replace or start the container, create database and extension, as needed.

        Raises:
            UserError: what keeps one of these from happening; then all is as it was.
        """
        with daemon.explained():
            wanted = self._recipe()
            self._containers.clear_away()
            present = self._containers.find()
            self._require_usable_data(present, wanted)
            self._require_port(present)
            password = self._password(present)
            accounts = roles.accounts(self._project, password).variables
            env_file.update(self._project.env_path, accounts)
            done = self._run(present, wanted, password)
        connection = {**self.connection(), **accounts}
        if env_file.differs(self._project.env_path, connection) and self._scheduler.stop():
            done.append("stopped the scheduler of the former connection")
        env_file.update(self._project.env_path, connection)
        done += provision.provide(self._project)
        with provision.open_database(self._project) as opened:
            stand_in = provision.facts(opened).extension == STAND_IN
        if stand_in and self._scheduler.start(roles.as_superuser(self._project)):
            done.append("started the scheduler")
        return done

    def wake(self) -> list[str]:
        """Start the container that is there, with its image."""
        with daemon.explained():
            present = self._containers.find()
        stopped = present is not None and present.status != "running"
        return self._up_with(_image_of(present)) if present and stopped else []

    def upgrade(self) -> Move:
        """Have the image of the settings, `latest` asked for anew.

        Raises:
            UserError: it can't be had.
        """
        with daemon.explained():
            container = self._containers.find()
            former = _image_of(container) if container else None
            found = image.renew(self._client, self._project)
        with provision.open_database(self._project) as connection:
            present = provision.facts(connection)
            runs = provision.newest(connection, present.extension)
        if former and former[0].id == found.id:
            version: str | None = runs
        else:
            stands_in = present.extension == STAND_IN
            version = None if stands_in else image.version(found, self._project.version)
        return Move(
            present.extension,
            version or "",
            begin=lambda: self._up_with((found, origin(self._project))),
            undo=lambda: self._up_with(former),
        )

    def down(self, *, volumes: bool) -> list[str]:
        """Stop the container; remove it and its volume if volumes.

        Raises:
            UserError: Docker refuses.
        """
        done = ["stopped the scheduler"] if self._scheduler.stop() else []
        with daemon.explained():
            self._containers.clear_away()
            container = self._containers.find()
            if container and self._containers.stop(container):
                done.append(f"stopped the container {container.name}")
            if volumes and container:
                done.append(f"removed the container {container.name}")
            if volumes and self._containers.volume():
                done.append(f"deleted the volume {self._containers.name}")
            if volumes:
                self._containers.discard()
        return done

    def data(self) -> str:
        """The volume, if there is one."""
        with daemon.explained():
            return f"the volume {self._containers.name}" if self._containers.volume() else ""

    def status(self) -> Status:
        """What runs now."""
        with daemon.explained():
            container = self._containers.find()
        if container is None or container.status != "running":
            return Status()
        with provision.open_database(self._project) as connection:
            found = provision.facts(connection)
            newest = provision.newest(connection, found.extension)
        scheduler = "the server's own"
        if found.extension == STAND_IN:
            process = self._scheduler.process()
            scheduler = f"pid {process.pid}" if process else ""
        problems = [] if scheduler else ["the scheduler doesn't run; run `invoke up`"]
        if self._awaits_upgrade(container):
            problems.append(
                f"invoke.yaml asks for version {self._project.version}; the container keeps "
                f"{container.labels[VERSION_LABEL]} until `invoke upgrade`"
            )
        if found.extension and newest != found.extension_version:
            problems.append(
                f"the image has {found.extension} {newest}, the database has its version "
                f"{found.extension_version}; run `invoke upgrade`"
            )
        return Status(
            address=f"{port.HOST}:{self._project.port}/{self._project.database}",
            server=f"PostgreSQL {found.server} (container {container.name})",
            extension=found.extension_text,
            scheduler=scheduler,
            problems=tuple(problems),
        )

    def connection(self) -> Mapping[str, str]:
        """The PG* variables that .env gets, the password aside."""
        return {
            "PGHOST": port.HOST,
            "PGPORT": str(self._project.port),
            "PGUSER": roles.user_of(self._project),
            "PGDATABASE": self._project.database,
        }

    def psql(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Open the image's own psql inside the container; without one, the wheel's.

        Raises:
            UserError: the container doesn't run.
        """
        with daemon.explained():
            container = self._containers.find()
            if container is None or container.status != "running":
                raise UserError(
                    f"The container {self._containers.name} doesn't run.", "Run `invoke up`."
                )
            if not inside.has(container, "psql"):
                return psql(self._project, arguments, environment)
            given = {name: environment[name] for name in PSQL_VARIABLES if environment.get(name)}
            given |= {"PGHOST": port.HOST, "PGPORT": "5432", "PGCLIENTENCODING": "UTF8"}
            return inside.run(self._client, container, ["psql", *arguments], given)

    def show_logs(self, *, lines: int, follow: bool) -> None:
        """Print the container's log.

        Raises:
            UserError: there is no container.
        """
        with daemon.explained():
            container = self._containers.find()
            if container is None:
                raise UserError(
                    f"There is no container {self._containers.name}.", "Run `invoke up`."
                )
            try:
                for chunk in container.logs(stream=True, follow=follow, tail=lines):
                    print(chunk.decode(errors="replace"), end="", flush=True)
            except KeyboardInterrupt:
                pass

    def _up_with(self, chosen: tuple[Image, Mapping[str, str]] | None) -> list[str]:
        self._image = chosen
        return self.up()

    def _recipe(self) -> Recipe:
        found, chosen_by = self._image or self._kept() or self._wanted()
        version = image.version(found, chosen_by[VERSION_LABEL])
        settings = presets.server_settings(self._project, version)
        return recipe(self._project, found, chosen_by, settings)

    def _wanted(self) -> tuple[Image, Mapping[str, str]]:
        return image.obtain(self._client, self._project), origin(self._project)

    def _kept(self) -> tuple[Image, Mapping[str, str]] | None:
        """The present image where invoke.yaml has another version: `invoke upgrade` moves that."""
        present = self._containers.find()
        return _image_of(present) if present and self._awaits_upgrade(present) else None

    def _awaits_upgrade(self, present: Container) -> bool:
        wanted = origin(self._project)
        return present.labels.get(IMAGE_LABEL) == wanted[IMAGE_LABEL] and present.labels.get(
            VERSION_LABEL, ""
        ) not in ("", wanted[VERSION_LABEL])

    def _require_usable_data(self, present: Container | None, wanted: Recipe) -> None:
        """Don't put an image on data that it can't use, unless `invoke upgrade` takes care."""
        new = image.labelled(wanted.image.labels or {})
        old = image.labelled(present.labels) if present else ""
        if self._image or not (old and new):
            return
        if Version(new) < Version(old) or not provision.keeps_stream_tables(old, new):
            raise UserError(
                f"The image has pg_trickle {new}; the data are of {old}, and it can't use them.",
                f"Run `invoke upgrade`, or write version: {old} into invoke.yaml.",
            )

    def _require_port(self, present: Container | None) -> None:
        """Before anything is stopped for it."""
        user = daemon.publisher(self._client, self._project.port)
        if present and user == present.name:
            return
        if user:
            raise port.taken(self._project.port, f"the container {user}")
        port.require_free(self._project.port)

    def _password(self, present: Container | None) -> str:
        """The superuser's."""
        stored = roles.stored_password(self._project)
        if not stored and present:
            stored = self._containers.stored_password(present)
        if not stored and self._containers.volume() and not self._containers.unfinished:
            stored = roles.former_password(self._project)
            if not stored:
                raise UserError(
                    f"{self._project.env_path} has no {SUPERUSER_PASSWORD}; "
                    f"the volume {self._containers.name} needs it.",
                    "Put it back; or `invoke down --volumes` deletes the data.",
                )
        return stored or roles.new_password()

    def _run(self, present: Container | None, wanted: Recipe, password: str) -> list[str]:
        """Have the container run; data that an interrupted `invoke up` never finished go."""
        unfinished = self._containers.unfinished
        try:
            if present is None:
                return self._begin(wanted, password)
            if self._containers.is_made_of(present, wanted):
                return self._start(present, wanted, password)
            return self._replace(present, wanted, password)
        except UserError:
            if not unfinished:
                raise
        self._containers.discard()
        return ["deleted what an interrupted `invoke up` had begun", *self._begin(wanted, password)]

    def _begin(self, wanted: Recipe, password: str) -> list[str]:
        """Make the container and, if there is none, the volume; undo both if they don't work."""
        is_new = self._containers.provide_volume()
        try:
            container = self._containers.create(wanted, password, instead=False)
            done = self._start(container, wanted, password)
        except (UserError, DockerException):
            if is_new:
                self._containers.discard()
            raise
        left = self._containers.orphans() if is_new else []
        done += [
            f"left alone the volume {orphan}, a folder that is no more: if this project was moved "
            "from there, it finds those data only there"
            for orphan in left
        ]
        return [f"made the container {self._containers.name}", *done]

    def _start(self, container: Container, wanted: Recipe, password: str) -> list[str]:
        done = []
        if container.status == "paused":
            container.unpause()
            done.append(f"resumed the container {container.name}")
        elif container.status != "running":
            container.start()
            done.append(f"started PostgreSQL on port {wanted.port}")
        superuser = {
            **self.connection(), "PGDATABASE": provision.MAINTENANCE_DATABASE,
            "PGUSER": roles.SUPERUSER, "PGPASSWORD": password,
        }  # fmt: skip
        variable = roles.password_variable(self._project)
        health.wait(container, superuser, variable, wanted.start_seconds)
        self._containers.finish()
        return done

    def _replace(self, former: Container, wanted: Recipe, password: str) -> list[str]:
        """Make another container on the same volume; the former one goes when that works."""
        new = self._containers.create(wanted, password, instead=True)
        ran = self._containers.stop(former)
        try:
            done = self._start(new, wanted, password)
        except (UserError, DockerException):
            self._containers.remove(new)
            if ran:
                former.start()
            raise
        self._containers.remove(former)
        self._containers.take_over(new)
        return [f"replaced the container {former.name}; its volume stays", *done]


def _image_of(container: Container) -> tuple[Image, Mapping[str, str]] | None:
    """A container's image, and the settings that it was chosen by."""
    chosen_by = {name: container.labels.get(name, "") for name in (IMAGE_LABEL, VERSION_LABEL)}
    return (container.image, chosen_by) if container.image else None
