"""The SQL of the checks: pure macros that dbt and the tasks read alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import psycopg

Row = dict[str, Any]


def fetch(connection: psycopg.Connection[Row], name: str, **parameters: object) -> list[Row]:
    """Run the query of macros/queries/<name>.sql.

    Args:
        connection: where to run it.
        name: the macro's name.
        parameters: the macro's arguments, sent as parameters, never as text.
    """
    statement = render(name, **{key: f"%({key})s" for key in parameters})
    return connection.execute(statement.encode(), parameters or None).fetchall()


def render(name: str, **sql_args: str) -> str:
    """The text of one query.

    Args:
        name: the macro's name.
        sql_args: SQL expressions for its arguments, such as a placeholder or a quoted literal.
    """
    return str(getattr(_macros(), name)(**sql_args)).strip()


@cache
def _macros() -> Any:
    text = "\n".join(path.read_text(encoding="utf-8") for path in _files())
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 SQL, not HTML
    return environment.from_string(text).module


def _files() -> Iterator[Path]:
    root = Path(__file__).resolve().parents[1] / "macros"
    folder = root / "pgtrickle" / "queries"
    yield from sorted((folder if folder.is_dir() else root / "queries").glob("*.sql"))
