"""What the checks know, as OpenMetrics: for Prometheus, its Grafana dashboard and its alerts."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import NamedTuple

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from tasklib.base.display import console
from tasklib.base.errors import UserError
from tasklib.base.findings import WORST_FIRST, worst
from tasklib.base.plain import plain
from tasklib.catalog.database import as_scheduler, connect_to_catalog
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import CdcHealth, Status
from tasklib.catalog.scope import scope
from tasklib.project.project import Project

EXTENSION = """
    select extname as extension, extversion as version from pg_catalog.pg_extension
    where extname in ('pg_trickle', 'pg_trickle_lite')
"""
TRIALS = ("right", "wrong", "fails", "refused", "slow", "unproved", "untried")
# rows of pgtrickle__status that are about no stream table
NO_SCHEDULER, HELD_BACK = {"no_scheduler", "stuck_scheduler"}, "held_back"


class Sample(NamedTuple):
    """One value of a metric, with the labels that tell it from the others of that name."""

    name: str
    value: float
    labels: dict[str, str]


# what each metric is; the names end in their unit, as Prometheus has it
METRICS = {
    "up": "Whether the database could be asked.",
    "extension_info": "Which extension is installed.",
    "scheduler_up": "Whether a scheduler works on this database.",
    "refreshes_held_back": "Whether an open transaction keeps refreshes from taking in changes.",
    "stream_table_info": "How a stream table is kept: in effect, as asked, and how often.",
    "stream_table_verdict": "1 for the verdict of invoke freshness, 0 for the others.",
    "stream_table_age_seconds": "Time since its last refresh.",
    "stream_table_age_limit_seconds": "Age at which invoke freshness begins to warn.",
    "stream_table_last_refresh_timestamp_seconds": "When it was refreshed last.",
    "stream_table_last_refresh_seconds": "How long its last measured refresh took.",
    "stream_table_last_refresh_rows": "Rows changed by its last refresh that had changes.",
    "stream_table_consecutive_errors": "Refreshes that have failed since the last good one.",
    "stream_table_trial": "1 for what its trial found, 0 for the others.",
    "source_verdict": "1 for the verdict of invoke cdc-health, 0 for the others.",
    "source_pending_rows": "Captured changes that wait for a refresh.",
}


def show(project: Project, *, listen: str = "", everything: bool = False) -> None:
    """Print the metrics once, or answer Prometheus until Ctrl-C.

    Args:
        project: the project; its stream tables and what they read are covered.
        listen: HOST:PORT to answer at, under /metrics; empty to print.
        everything: all of the database.

    Raises:
        UserError: (exit status 2) the catalog can't be read (when printing), or the address can't
            be listened on.
    """
    registry = CollectorRegistry()
    if not listen:
        known = _families(project.slug, _read(project, everything))
        registry.register(_Collector(lambda: known))
        print(generate_latest(registry).decode(), end="")  # type: ignore[no-untyped-call]
        return
    registry.register(_Collector(_Asking(project, everything)))
    host, port = _address(listen)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise UserError(
            f"{listen} can't be listened on: {error.strerror or error}.", "Name another one.", 2
        ) from None
    console(stderr=True).print(f"http://{listen}/metrics; Ctrl-C ends it", markup=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        thread.join()
    server.shutdown()


class _Collector(Collector):
    """A function's metrics."""

    def __init__(self, ask: Callable[[], list[Metric]]) -> None:
        self.ask = ask

    def collect(self) -> list[Metric]:
        """The metrics as they are now."""
        return self.ask()

    def describe(self) -> list[Metric]:
        """Nothing: the registry would ask the database to learn the names."""
        return []


class _Asking:
    """Asks the database for each scrape; pgtrickle_up is 0, and alone, where that fails."""

    def __init__(self, project: Project, everything: bool) -> None:
        self.project, self.everything = project, everything
        self.told = ""

    def __call__(self) -> list[Metric]:
        told = ""
        try:
            samples = list(_read(self.project, self.everything))
        except UserError as error:
            told, samples = str(error), [Sample("up", 0, {})]
        if told and told != self.told:
            console(stderr=True).print(told, markup=False)
        self.told = told
        return _families(self.project.slug, samples)


def _address(listen: str) -> tuple[str, int]:
    host, separator, port = listen.rpartition(":")
    if not (separator and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise UserError(f"'{listen}' is no HOST:PORT.", "Write it as 127.0.0.1:9187.", 2)
    return host, int(port)


def _families(project: str, samples: Iterable[Sample]) -> list[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for name, value, labels in samples:
        if name not in families:
            names = ["project", *labels]
            families[name] = GaugeMetricFamily(f"pgtrickle_{name}", METRICS[name], labels=names)
        families[name].add_metric([project, *map(plain, labels.values())], value)
    return list(families.values())


def _read(project: Project, everything: bool) -> Iterator[Sample]:
    covered = scope(project, everything=everything)
    with closing(connect_to_catalog(project.environment())) as connection:
        as_scheduler(connection)
        yield Sample("up", 1, {})
        for one in connection.execute(EXTENSION):
            yield Sample("extension_info", 1, one)
        tables = fetch(connection, Status, **covered.arguments)
        sources = fetch(connection, CdcHealth, **covered.arguments)
    reasons = {row["reason"] for row in tables}
    yield Sample("scheduler_up", not NO_SCHEDULER & reasons, {})
    yield Sample("refreshes_held_back", HELD_BACK in reasons, {})
    for row in tables:
        if row["reason"] not in {*NO_SCHEDULER, HELD_BACK}:
            yield from _stream_table(row)
    yield from _sources(sources)


def _stream_table(row: Status) -> Iterator[Sample]:
    labels = {"stream_table": row["subject"]}
    told = {
        "model": row["model"], "status": row["status"], "refresh_mode": row["refresh_mode"],
        "requested_mode": row["requested_mode"], "schedule": row["schedule"],
    }  # fmt: skip
    yield Sample("stream_table_info", 1, labels | {key: value or "" for key, value in told.items()})
    yield from _states("stream_table", "verdict", WORST_FIRST, row["verdict"], labels)
    if row["trial"]:
        yield from _states("stream_table", "trial", TRIALS, row["trial"], labels)
    refreshed, costs = row["last_refresh_at"], row["costs_ms"]
    values = {
        "age_seconds": row["age_seconds"],
        "age_limit_seconds": row["warn_seconds"],
        "last_refresh_timestamp_seconds": refreshed.timestamp() if refreshed else None,
        "last_refresh_seconds": costs[-1] / 1000 if costs else None,
        "last_refresh_rows": row["rows_changed"],
        "consecutive_errors": row["consecutive_errors"],
    }
    for name, value in values.items():
        if value is not None:
            yield Sample(f"stream_table_{name}", value, labels)


def _sources(rows: list[CdcHealth]) -> Iterator[Sample]:
    """The worst verdict of each source, and what waits there."""
    by_source: dict[str, list[CdcHealth]] = {}
    for row in rows:
        by_source.setdefault(row["subject"], []).append(row)
    for source, own in by_source.items():
        labels = {"source": source}
        verdict = worst(row["verdict"] for row in own)
        yield from _states("source", "verdict", WORST_FIRST, verdict, labels)
        waiting = [row["pending_rows"] for row in own if row["pending_rows"] is not None]
        if waiting:
            yield Sample("source_pending_rows", max(waiting), labels)


def _states(
    of: str, name: str, states: Iterable[str], current: str, labels: dict[str, str]
) -> Iterator[Sample]:
    for state in states:
        yield Sample(f"{of}_{name}", state == current, labels | {name: state})
