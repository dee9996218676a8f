"""Whether dbt will reach the same database as the tasks, without starting dbt."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from tasklib.base.display import duration
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Finding
from tasklib.catalog.database import CONNECT_TIMEOUT, reason, take_role
from tasklib.project import manifest
from tasklib.project.dbt import v2
from tasklib.project.profile import target as read_target
from tasklib.project.project import Project

# dbt's names for libpq's.
NAMES = {
    "host": ("host",), "port": ("port",), "user": ("user",), "password": ("password", "pass"),
    "dbname": ("dbname", "database"), "sslmode": ("sslmode",), "sslrootcert": ("sslrootcert",),
    "sslcert": ("sslcert",), "sslkey": ("sslkey",),
}  # fmt: skip
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
RESTORE = "Restore it from version control, or from the template: `copier update`."


def profile(project: Project, *, reachable: bool) -> Iterator[Finding]:
    """The profile can be read, leads where the tasks go, and dbt's schema is the project's.

    Args:
        project: the project.
        reachable: whether the tasks reach the server; otherwise only the text is looked at.
    """
    environment = project.environment()
    target = read_target(project.root, environment)
    if isinstance(target, str):
        yield Finding("dbt profile", ERROR, target, RESTORE)
        return
    options = {
        name: str(next(filter(None, (target.get(key) for key in keys)), ""))
        for name, keys in NAMES.items()
    }
    elsewhere = [
        f"{name} {options[name]} instead of {environment[variable]}"
        for name, variable in VARIABLES.items()
        if variable in environment and options[name] != environment[variable]
    ]
    if elsewhere:
        yield Finding(
            "dbt profile", WARN, f"dbt goes elsewhere than the tasks: {', '.join(elsewhere)}",
            "Let profiles.yml read PGHOST and so on with env_var(), as the template has it.",
        )  # fmt: skip
        return
    schema = str(target.get("schema", ""))
    chosen = any(environment.get(name) for name in ("DBT_TARGET", "DBT_SCHEMA"))
    if schema != project.schema and not chosen:
        yield Finding(
            "dbt profile", WARN, f"schema {schema}; invoke.yaml says {project.schema}",
            "Write the same in both files.",
        )  # fmt: skip
        return
    if v2() and not options["password"]:
        yield Finding(
            "dbt profile", ERROR, "it has no password, without which dbt v2 doesn't connect",
            "Write PGPASSWORD into .env; where the server asks for none, any word.",
        )  # fmt: skip
        return
    if reachable:
        given = {name: value for name, value in options.items() if value}
        try:
            connection = psycopg.connect(
                make_conninfo(**given, connect_timeout=CONNECT_TIMEOUT), row_factory=dict_row
            )
            with connection:
                take_role(connection, environment)
        except UserError as error:
            yield Finding("dbt profile", ERROR, error.cause.rstrip("."), error.remedy)
            return
        except psycopg.Error as error:
            yield Finding(
                "dbt profile", ERROR, f"dbt can't connect: {reason(error)}",
                "Compare profiles.yml with .env.",
            )  # fmt: skip
            return
    told = "connects" if reachable else "fits .env"
    told += f", takes the role {target['role']}" if target.get("role") else ""
    yield Finding("dbt profile", OK, f"{told}, schema {schema}")


def parsed(project: Project) -> Iterator[Finding]:
    """What dbt's last command left."""
    models = manifest.stream_table_models(project)
    if models is None:
        yield Finding("dbt manifest", OK, "none yet; `invoke build` writes it")
        return
    age = time.time() - manifest.manifest_path(project).stat().st_mtime
    yield Finding("dbt manifest", OK, f"{len(models)} stream tables, {duration(age)} old")
