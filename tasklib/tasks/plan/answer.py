"""What the macro pgtrickle_plan answers."""

from __future__ import annotations

from typing import TypedDict

from tasklib.catalog.rows import AnyRow, Orphans


class Finding(TypedDict):
    """A refusal or a warning, by its code in docs/codes.md."""

    code: str
    problem: str
    remedy: str


class PlanRow(TypedDict):
    """What is to be done about one stream table (pgtrickle__plan_row)."""

    unique_id: str
    relation: str
    action: str
    why: str
    asked: str | None
    mode: str | None
    trial: str | None
    remade: bool
    changes: list[AnyRow]
    dependents: list[str]
    rows: int | None
    seconds: float | None
    blocks_readers: bool
    warnings: list[Finding]
    refusal: Finding | None
    extension_says: str | None
    way: str | None
    bytes: int | None


class Way(TypedDict):
    """How `invoke deploy` brings about one change (pgtrickle__ways)."""

    unique_id: str
    kind: str
    schema: str
    name: str
    relation: str
    way: str
    why: str
    bytes: int | None
    carry: bool


class Plan(TypedDict):
    """All of it."""

    results: list[PlanRow]
    ways: list[Way]
    orphans: list[Orphans]
    summary: str
