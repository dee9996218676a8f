"""What the plan says of a stream table besides its action, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reasons(row: Mapping[str, Any]) -> list[str]:
    """Why, and what is warned of, one line each.

    Args:
        row: of the macro pgtrickle_plan's answer; a refusal and a warning have code, problem and
            remedy.
    """
    refusal = row.get("refusal")
    why = _finding(refusal) if refusal else row["why"]
    return [line for line in (why, *map(_finding, row["warnings"])) if line]


def _finding(finding: Mapping[str, str]) -> str:
    return f"[{finding['code']}] {finding['problem']} {finding['remedy']}".rstrip()
