"""The rows that Python gets from macros/queries and macros/deploy.

Each class is called like its query: CdcHealth is a row of pgtrickle__cdc_health. What a column is
stands there; tests/checks/test_rows.py compares the two on a server. Those with a docstring are no
queries' but parts of others.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from tasklib.base.findings import Judged, Told

# a row of a table or query of the user's, or of a statement that stands beside its use
AnyRow = dict[str, Any]


class Place(TypedDict):
    """Where a relation is."""

    schema_name: str
    table_name: str


class Fresh(Judged):
    """What both Freshness and Status tell of a stream table."""

    reason: str
    model: str | None
    status: str | None
    refresh_mode: str | None
    schedule: str | None
    age_seconds: float | None
    warn_seconds: float | None
    last_refresh_at: datetime | None
    trial: str | None
    trial_change: str | None


class Partition(TypedDict):
    """One of those in Contents."""

    name: str
    storage: str
    condition: str


class Access(TypedDict):
    cause: str
    remedy: str


class Carriers(Told, Place):
    pass


class CdcHealth(Judged):
    reason: str
    source_relid: int | None
    source_type: str | None
    cdc_mode: str | None
    used_by: list[str] | None
    pending_rows: int | None


class Recovery(CdcHealth):
    pass


class ChangeBuffers(TypedDict):
    source: list[str]
    buffer: list[str]
    source_owner: str
    first_column: str


class ComparisonSummary(TypedDict):
    held_rows: int
    extra_rows: int
    missing_rows: int
    extra: list[AnyRow]
    missing: list[AnyRow]


class Contents(Judged):
    reason: str
    pgt_id: int | None
    model: str | None
    call_name: str
    owner: str | None
    is_ours: bool
    status: str | None
    refresh_mode: str
    storage: str
    query: str
    columns: list[str]
    terms: list[str]
    sources: list[str]
    partitions: list[Partition] | None
    is_read: bool
    unguarded: bool
    record: AnyRow
    given: str


class DropPlan(TypedDict):
    subject: str
    pgt_id: int
    owner: str | None
    is_ours: bool
    level: int
    goes_along: list[str]
    kept_readers: list[str]


class Entries(Place):
    pgt_id: int
    relid: int | None
    call_name: str
    place: str


class Exchangeable(Place):
    bytes: int
    obstacles: list[str]
    readers: list[str]


class Freshness(Fresh):
    managed: bool
    server_wide: bool
    error_seconds: float | None
    asked_mode: str | None


class Function(TypedDict):
    name: str


class History(TypedDict):
    subject: str
    start_time: datetime
    action: str
    outcome: str
    initiated_by: str
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    duration_ms: float | None
    fell_back: bool
    error_message: str


class LackingRights(TypedDict):
    statement: str
    is_grave: bool


class LeftBehind(TypedDict):
    name: str


class LeftOut(TypedDict):
    number: int


class Lineage(TypedDict):
    relid: int
    subject: str
    kind: str
    reads: list[int]


class Named(Told):
    handle: str
    pgt_id: int | None
    call_name: str
    owner: str | None
    status: str | None
    refresh_mode: str | None
    paused_by_model: bool
    frozen: bool
    readers: list[str]
    reason: str


class Orphans(Place):
    pgt_id: int
    subject: str
    unique_id: str
    readers: list[str]


class PendingQuestion(TypedDict):
    question: str


class Recommendations(TypedDict):
    call_name: str
    recommended_mode: str
    confidence: str
    reason: str


class RefreshPlan(Told):
    call_name: str
    owner: str | None
    is_ours: bool
    level: int
    status: str | None
    refresh_mode: str | None
    last_refresh_at: datetime | None
    asked: bool
    upstream: list[str]
    outcome: str


class Scheduler(TypedDict):
    running: bool
    enabled: bool
    since: float | None
    busy: bool
    hangs: bool


class Staleness(TypedDict):
    subject: str
    moment: datetime
    staleness_seconds: float


class Status(Fresh):
    requested_mode: str | None
    effective_refresh_mode: str | None
    consecutive_errors: int | None
    error_message: str | None
    rows_changed: int | None
    costs_ms: list[float]
