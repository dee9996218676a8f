"""Whether dbt will reach the same database as the tasks, without starting dbt."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import psycopg
import yaml
from psycopg.conninfo import make_conninfo

from tasklib import manifest
from tasklib.database import CONNECT_TIMEOUT, reason
from tasklib.display import duration
from tasklib.findings import ERROR, OK, WARN, Finding
from tasklib.project import Project

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
    target = _target(project.root, environment)
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
    if schema != project.schema:
        yield Finding(
            "dbt profile", WARN, f"schema {schema}; invoke.yaml says {project.schema}",
            "Write the same in both files.",
        )  # fmt: skip
        return
    if reachable:
        given = {name: value for name, value in options.items() if value}
        try:
            psycopg.connect(make_conninfo(**given, connect_timeout=CONNECT_TIMEOUT)).close()
        except psycopg.Error as error:
            yield Finding(
                "dbt profile", ERROR, f"dbt can't connect: {reason(error)}",
                "Compare profiles.yml with .env.",
            )  # fmt: skip
            return
    told = "connects" if reachable else "fits .env"
    yield Finding("dbt profile", OK, f"{told}, schema {schema}")


def parsed(project: Project) -> Iterator[Finding]:
    """What dbt's last command left."""
    models = manifest.stream_table_models(project)
    if models is None:
        yield Finding("dbt manifest", OK, "none yet; `invoke build` writes it")
        return
    age = time.time() - manifest.manifest_path(project).stat().st_mtime
    yield Finding("dbt manifest", OK, f"{len(models)} stream tables, {duration(age)} old")


def _target(root: Path, environment: Mapping[str, str]) -> dict[str, Any] | str:
    """The output that dbt would use; or why there is none."""
    try:
        name = _read(root / "dbt_project.yml")["profile"]
        entry = _render(_read(root / "profiles.yml")[name], environment)
        target = environment.get("DBT_TARGET") or entry.get("target") or "default"
        return dict(entry["outputs"][target])
    except OSError as error:
        return f"{Path(error.filename).name} can't be read: {error.strerror}"
    except (yaml.YAMLError, jinja2.TemplateError) as error:
        return f"profiles.yml is damaged: {str(error).splitlines()[0]}"
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return f"profiles.yml lacks {error.args[0]}"


def _read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def _render(value: Any, environment: Mapping[str, str]) -> Any:
    """A part of profiles.yml as dbt reads it, with the functions and filters that dbt has there."""
    rendering = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 no HTML
    rendering.filters |= {"as_number": int, "as_bool": str, "as_native": str, "as_text": str}

    def env_var(name: str, default: str | None = None) -> str:
        found = environment.get(name, default)
        if found is None:
            raise KeyError(f"the environment variable {name}")
        return found

    def rendered(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: rendered(one) for key, one in part.items()}
        is_template = isinstance(part, str) and "{{" in part
        return rendering.from_string(part).render(env_var=env_var) if is_template else part

    return rendered(value)
