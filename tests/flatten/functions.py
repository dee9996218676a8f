"""The functions of macros/text and macros/flatten, rendered without dbt and made in a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import psycopg

MACROS = Path(__file__).resolve().parents[2] / "macros"
FILES = sorted([*(MACROS / "text").glob("*.sql"), *(MACROS / "flatten").glob("*.sql")])


def render(name: str, *args: str) -> str:
    """The SQL of one macro.

    Args:
        name: the macro's name.
        args: its arguments: SQL expressions.
    """
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 SQL, not HTML
    return str(getattr(environment.from_string(text).module, name)(*args)).strip()


def make(connection: psycopg.Connection[Any], name: str) -> None:
    """Make the functions that a macro renders."""
    connection.execute(render(name).encode())
