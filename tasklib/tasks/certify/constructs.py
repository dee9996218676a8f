"""The constructs that are tried, and the tables of what was measured of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
# a word of tasklib.catalog.trial.Trial.outcome, incrementally and in FULL
Outcomes = tuple[str, str]


@dataclass(frozen=True)
class Constructs:
    """SQL by name.

    Args:
        setup: makes what the queries read.
        queries: each construct's.
    """

    setup: str
    queries: dict[str, str]


@dataclass(frozen=True)
class Measured:
    """What a version did.

    Args:
        version: the extension and its version.
        outcomes: each construct's.
    """

    version: str
    outcomes: dict[str, Outcomes]


def constructs(containing: str = "") -> Constructs:
    """Those of constructs.yml.

    Args:
        containing: only those whose name or query has this text, in any case.
    """
    document = yaml.safe_load((FOLDER / "constructs.yml").read_text(encoding="utf-8"))
    wanted = containing.lower()
    return Constructs(
        document["setup"],
        {
            name: query
            for name, query in document["constructs"].items()
            if wanted in name.lower() or wanted in query.lower()
        },
    )


def measured() -> Measured:
    """What was measured on pg_trickle 0.67.0, by certify itself."""
    document = json.loads((FOLDER / "measured-0.67.0.json").read_text(encoding="utf-8"))
    outcomes = {name: (first, second) for name, (first, second) in document["outcomes"].items()}
    return Measured(document["version"], outcomes)
