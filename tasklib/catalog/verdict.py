"""What a trial's verdict says to people: what was seen, which part of the query is known for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tasklib.catalog.queries import render

# what would not be right as a stream table, or too slow, in the mode that was tried
UNSAFE = frozenset({"wrong", "fails", "refused", "slow"})
UNKNOWN = frozenset({"unproved", "untried"})
STAND_IN = "pg_trickle_lite"
LACKING = dict.fromkeys(("version", "change", "error", "unfinished", "read", "notes"))
COMMENTS_AND_STRINGS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


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
    code = " ".join(COMMENTS_AND_STRINGS.sub(" ", query.lower()).split())
    seen = f"{verdict['outcome']} {(verdict.get('error') or {}).get('message', '')}"
    for known in json.loads(render("pgtrickle__hints")):
        if re.search(known["pattern"], code) and re.search(known.get("seen", ""), seen):
            return f"Known for it: {known['part']}. {known['instead']}"
    return ""


def of_whom(version: str | None) -> list[str]:
    """Of which extension verdicts are, for notes; the stand-in's say nothing of pg_trickle."""
    if not version:
        return []
    if version.startswith(STAND_IN):
        return [f"Tried on {version}, which recomputes: this says nothing about pg_trickle itself."]
    return [f"Tried on {version}."]
