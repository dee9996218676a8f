"""What a run of unchanged stream tables costs: python -m tests.bench.unchanged [--models 200].

The run phase of `dbt run`, as dbt itself gives it (wall), and the CPU seconds and memory of its
process, less a run that selects nothing. In turn (A B C A B C): ours, a materialization that sends
one trivial statement, and, where --upstream names its folder, the package of pg_trickle's authors.
Prints medians and ratios, asserts nothing. The goals: at most 0.65 times upstream's and 1.1 times
the trivial one's. Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.trial import DECLARED, ORDERS, QUERIES, SOURCE
from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Database, Server, running_server

TRIVIAL = """
{% materialization stream_table, adapter='postgres' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') %}create table if not exists {{ target_relation }} (){% endcall %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
"""


@dataclass(frozen=True)
class Cost:
    """Of one run: wall and CPU seconds of its run phase, the process's memory in MiB."""

    wall: float
    cpu: float
    memory: float


def main() -> None:
    """Build each kind once, then time unchanged runs of them in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--upstream", type=Path, help="the folder of upstream's package")
    asked = parser.parse_args()
    with running_server() as server, ExitStack() as stack:
        projects = dict(_projects(server, stack, asked.models, asked.upstream))
        costs: dict[str, list[Cost]] = {name: [] for name in projects}
        for _ in range(asked.repeats):
            for name, project in projects.items():
                costs[name].append(_cost(project, asked.threads))
        print(f"{asked.models} models, {asked.threads} threads, {server.extension}")
    ours = _median(costs["ours"])
    for name, some in costs.items():
        cost = _median(some)
        print(
            f"{name:9} wall {cost.wall:6.2f} s (ours is {ours.wall / cost.wall:.2f} times that), "
            f"CPU {cost.cpu:6.2f} s ({ours.cpu / cost.cpu:.2f}), "
            f"memory {cost.memory:5.0f} MiB ({ours.memory / cost.memory:.2f})"
        )


def _projects(
    server: Server, stack: ExitStack, models: int, upstream: Path | None
) -> Iterator[tuple[str, DbtProject]]:
    for name in ["ours", "trivial", *(["upstream"] if upstream else [])]:
        database = stack.enter_context(server.database())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield name, _project(name, folder, database, models, upstream)


def _project(
    name: str, folder: Path, database: Database, models: int, upstream: Path | None
) -> DbtProject:
    database.execute(SOURCE)
    head = "{{ config(materialized='stream_table', schedule='1d') }}\n"
    files = {
        f"models/m{n}.sql": head + QUERIES[n % len(QUERIES)].format(n=n, orders=ORDERS)
        for n in range(models)
    } | {"models/sources.yml": DECLARED}
    if name == "ours":
        project = make_project(folder, database, files)
    else:
        project = DbtProject(folder, database)
        project.configure(**{"on-run-end": []})
        project.write(files | ({"macros/trivial.sql": TRIVIAL} if name == "trivial" else {}))
        if name == "upstream":
            assert upstream is not None
            shutil.copytree(upstream, folder / "dbt_packages" / "dbt_pgtrickle")
            project.write({"packages.yml": f"packages: [{{local: {upstream}}}]"})
    # upstream's creates none with several threads: they meet in the extension's catalog
    _run(project, "run", "--threads", "1")
    return project


def _cost(project: DbtProject, threads: int) -> Cost:
    idle, _ = _run(project, "run", "--select", "nothing", "--threads", str(threads))
    cpu, memory = _run(project, "run", "--threads", str(threads))
    results = json.loads((project.root / "target" / "run_results.json").read_text())
    return Cost(results["elapsed_time"], cpu - idle, memory)


def _run(project: DbtProject, *args: str) -> tuple[float, float]:
    """CPU seconds and memory in MiB of one dbt command, in a process of its own."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "dbt.cli.main", "--quiet", *args,
            "--project-dir", str(project.root), "--profiles-dir", str(project.root),
        ],
        env={**os.environ, **project.database.env},
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"dbt {' '.join(args)} failed in {project.root}")
    return _cpu(usage), usage.ru_maxrss / 1024


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(c.wall for c in costs),
        statistics.median(c.cpu for c in costs),
        statistics.median(c.memory for c in costs),
    )


if __name__ == "__main__":
    main()
