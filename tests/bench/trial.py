"""What the trial costs `dbt run`: python -m tests.bench.trial [--models 200 --repeats 2 --staged].

First runs and unchanged runs of simple stream tables, or of marts over staging views, with the
trial and with `trial: off` in turn (A B A B) in one process. Prints medians and ratios, asserts
nothing. The goals: a first run at most 2.0, an unchanged one 1.0.
Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench import costs, marts, projects
from tests.bench.costs import Cost
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Server, running_server


def main() -> None:
    """Run both kinds in turn, each on a database of its own."""
    parser = projects.arguments(__doc__, repeats=2)
    parser.add_argument("--staged", action="store_true", help="marts over staging views")
    asked = parser.parse_args()
    first: dict[str, list[Cost]] = {"on": [], "off": []}
    unchanged: dict[str, list[Cost]] = {"on": [], "off": []}
    with running_server() as server:
        for _ in range(asked.repeats):
            for trial in ("on", "off"):
                one, again = _runs(server, trial, asked.models, asked.threads, asked.staged)
                first[trial].append(one)
                unchanged[trial].append(again)
        print(f"{asked.models} models, {asked.threads} threads, {server.extension}")
    for what, runs in (("first run", first), ("unchanged run", unchanged)):
        named = {f"trial: {trial}": costs.median(some) for trial, some in runs.items()}
        costs.show(what, named)


def _runs(server: Server, trial: str, models: int, threads: int, staged: bool) -> tuple[Cost, Cost]:
    with server.database() as database, tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        project = (
            marts.make(root, database, models, trial) if staged
            else projects.make("ours", root, database, models, None, trial)
        )  # fmt: skip
        project.dbt("parse")
        return _cost(project, threads), _cost(project, threads)


def _cost(project: DbtProject, threads: int) -> Cost:
    return costs.of(lambda: project.dbt("run", "--threads", str(threads)))


if __name__ == "__main__":
    main()
