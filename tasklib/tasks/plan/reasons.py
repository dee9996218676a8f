"""What the plan says of a stream table besides its action, in words."""

from __future__ import annotations

from tasklib.tasks.plan.answer import Finding, PlanRow


def reasons(row: PlanRow) -> list[str]:
    """Why, and what is warned of, one line each.

    Args:
        row: one of the plan.
    """
    why = _finding(row["refusal"]) if row["refusal"] else row["why"]
    return [line for line in (why, *map(_finding, row["warnings"])) if line]


def _finding(finding: Finding) -> str:
    return f"[{finding['code']}] {finding['problem']} {finding['remedy']}".rstrip()
