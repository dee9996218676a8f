"""What a trial's verdict says to people: what was seen, which part of the query is known for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tasklib.catalog.queries import render

# what would not be right as a stream table, or too slow, in the mode that was tried
UNSAFE = frozenset({"wrong", "fails", "refused", "slow"})
UNKNOWN = frozenset({"unproved", "untried"})
STAND_IN = "pg_trickle_lite"
LACKING = dict.fromkeys(("version", "change", "error", "unfinished", "read", "notes"))


def sentence(verdict: Mapping[str, Any]) -> str:
    """What was tried and what was seen.

    Args:
        verdict: the fields of tasklib.catalog.trial.Trial; those that have nothing to say may lack.
    """
    seen = {
        name: json.dumps(verdict[name][0], ensure_ascii=False) if verdict.get(name) else ""
        for name in ("expected", "found")
    }
    return render("pgtrickle__verdict_text", verdict=LACKING | dict(verdict), seen=seen)


def hint(query: str, verdict: Mapping[str, Any]) -> str:
    """The part of a query that is known for such a verdict, and what to write instead.

    Args:
        query: the model's.
        verdict: as in sentence.

    Returns:
        Empty where nothing is known.
    """
    return render("pgtrickle__hint", query=query, verdict=verdict)


def of_whom(version: str | None) -> list[str]:
    """Of which extension verdicts are, for notes; the stand-in's say nothing of pg_trickle."""
    if not version:
        return []
    if version.startswith(STAND_IN):
        return [f"Tried on {version}, which recomputes: this says nothing about pg_trickle itself."]
    return [f"Tried on {version}."]
