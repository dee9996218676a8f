"""A database with its extension on a running server of ours, and what can be read about both."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import psycopg
from packaging.version import InvalidVersion, Version
from psycopg import sql

from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, PasswordRefusedError, connect
from tasklib.catalog.queries import first_line
from tasklib.engines.base import STAND_IN
from tasklib.engines.server import roles
from tasklib.project.project import ROLE_VARIABLE, SUPERUSER_PASSWORD, Project

# In the order in which they are preferred.
EXTENSIONS = ("pg_trickle", STAND_IN)
MAINTENANCE_DATABASE = "postgres"
# Stream tables of versions before it are refused by those from it on.
NEW_ROW_IDENTITY = Version("0.87.16")


class NoExtensionError(UserError):
    """The server has none that it could create."""


@dataclass(frozen=True)
class Facts:
    """What a server says about itself; extension is empty where none is created."""

    server: str
    major: int
    extension: str
    extension_version: str
    replica: bool = False

    @property
    def extension_text(self) -> str:
        """The extension with its version, the stand-in named as such."""
        text = f"{self.extension} {self.extension_version}".strip()
        if self.extension == STAND_IN:
            return f"{text} (the stand-in, not the real pg_trickle)"
        return text


def facts(connection: Connection) -> Facts:
    """Ask a server what it is."""
    row = connection.execute(
        """
        select current_setting('server_version') as server,
               current_setting('server_version_num')::int / 10000 as major,
               coalesce(e.extname, '') as extension,
               coalesce(e.extversion, '') as extension_version,
               pg_is_in_recovery() as replica
          from (select) as nothing
          left join pg_extension e on e.extname = any(%s)
        """,
        [list(EXTENSIONS)],
    ).fetchone()
    assert row is not None  # noqa: S101 an outer join from one row
    return Facts(**row)


def open_database(project: Project, database: str = "") -> Connection:
    """Connect as the superuser of a server of ours; elsewhere as .env says, without dbt's role.

    Args:
        project: the project.
        database: another database than .env names.

    Raises:
        UserError: the server can't be reached, or refuses the password.
    """
    environment = project.environment() | {ROLE_VARIABLE: ""}
    if not project.external:
        environment = roles.as_superuser(project)
    if database:
        environment["PGDATABASE"] = database
    try:
        return connect(environment)
    except PasswordRefusedError as error:
        name = "PGPASSWORD" if project.external else roles.password_variable(project)
        raise UserError(
            f"The server refuses the password in {project.env_path}.",
            f"Put the right one back; or delete the line {name}, run `invoke down` and "
            "`invoke up`: the data stay and get a new password.",
            error.exit_code,
        ) from None


def provide(project: Project) -> list[str]:
    """Create the project's database, its extension, and dbt's role where they are missing.

    Raises:
        UserError: the server can't be reached, or has no extension to create.
    """
    done = []
    with open_database(project, MAINTENANCE_DATABASE) as connection:
        if _create_database(connection, project.database):
            done.append(f"created the database {project.database}")
    with open_database(project) as connection:
        done += _create_extension(connection)
        done += roles.provide(project, connection)
    return done


def provide_role(project: Project) -> list[str]:
    """Make dbt's role on a server that is the project's own although the user started it.

    That is said by both the role and the superuser's password standing in .env.

    Raises:
        UserError: the server can't be reached, or refuses the password.
    """
    stored = env_file.read(project.env_path)
    if not stored.get(SUPERUSER_PASSWORD) or stored.get("PGUSER") != roles.ORDINARY:
        return []
    with connect(roles.as_superuser(project)) as connection:
        return [*_create_extension(connection), *roles.provide(project, connection)]


def require_update(project: Project, version: str, control_path: str = "") -> None:
    """Check that the extension can be updated in place.

    Args:
        project: the project, whose server runs.
        version: the one to go to.
        control_path: where the server is to look for it, other than where it looks now.

    Raises:
        UserError: there is no way from the present version to that one, or only one back.
    """
    with open_database(project) as connection:
        if control_path:
            connection.execute(
                "select set_config('extension_control_path', %s, false)", [control_path]
            )
        present = facts(connection)
        require_forward(present, version)
        found = connection.execute(
            "select from pg_extension_update_paths(%s)"
            " where source = %s and target = %s and path is not null",
            [present.extension, present.extension_version, version],
        ).fetchone()
    if found is None and present.extension_version != version:
        raise UserError(
            f"pg_trickle {version} has no update script from {present.extension_version}.",
            "Upgrade to a version between them first (pgtrickle: version in invoke.yaml).",
        )


def update(project: Project, version: str) -> str:
    """Update the extension's objects in the database to the version of the server's library.

    Args:
        project: the project, whose server runs.
        version: the one to go to; empty for the server's default.

    Returns:
        The version that the database has then.

    Raises:
        UserError: the database refuses, and is as it was.
    """
    with open_database(project) as connection:
        present = facts(connection)
        target = version or newest(connection, present.extension)
        require_forward(present, target)
        try:
            connection.execute(
                sql.SQL("alter extension {} update to {}").format(
                    sql.Identifier(present.extension), sql.Literal(target)
                )
            )
        except psycopg.Error as error:
            raise UserError(
                f"{present.extension} {present.extension_version} can't be updated to {target}: "
                f"{first_line(error)}",
                "It stays as it was; mend that, or upgrade to another version first.",
            ) from None
        if not project.external:
            # the version may have brought tables that nobody has rights on yet
            roles.provide(project, connection)
    return target


def newest(connection: Connection, extension: str) -> str:
    """The version of an extension that the server would create; empty if it has none."""
    query = "select default_version from pg_available_extensions where name = %s"
    row = connection.execute(query, [extension]).fetchone()
    return str(row["default_version"]) if row else ""


def keeps_stream_tables(present: str, version: str) -> bool:
    """Whether one version's stream tables are any for the other; unknown counts as no.

    Args:
        present: the version that made them.
        version: the one to go to; empty if it isn't known yet.
    """
    try:
        made_with = Version(present)
        return made_with >= NEW_ROW_IDENTITY or (
            bool(version) and Version(version) < NEW_ROW_IDENTITY
        )
    except InvalidVersion:
        return False


def require_forward(present: Facts, version: str) -> None:
    """Refuse a version below the present one; one that can't be compared is taken.

    Raises:
        UserError: (exit status 2) it is.
    """
    with contextlib.suppress(InvalidVersion):
        if Version(version) < Version(present.extension_version):
            raise UserError(
                f"invoke.yaml asks for {present.extension} {version}; the database has "
                f"{present.extension_version}, and there is no way back.",
                f"Write version: {present.extension_version}; or begin anew with "
                "`invoke down --volumes`.",
                2,
            )


def _create_database(connection: Connection, name: str) -> bool:
    query = "select count(*) as found from pg_database where datname = %s"
    row = connection.execute(query, [name]).fetchone()
    if row and row["found"]:
        return False
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return True


def _create_extension(connection: Connection) -> list[str]:
    if facts(connection).extension:
        return []
    name = available_extension(connection)
    connection.execute(sql.SQL("create extension {}").format(sql.Identifier(name)))
    return [f"created the extension {name}"]


def available_extension(connection: Connection) -> str:
    """The name of the extension that a server has to create.

    Raises:
        NoExtensionError: it has none.
    """
    query = "select name from pg_available_extensions where name = any(%s) order by name"
    row = connection.execute(query, [list(EXTENSIONS)]).fetchone()
    if row is None:
        raise NoExtensionError(
            "The server offers no extension pg_trickle.",
            "Use an image that has it (pgtrickle: image in invoke.yaml).",
        )
    return str(row["name"])
