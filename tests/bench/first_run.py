"""What a first run costs: python -m tests.bench.first_run [--models 200 --repeats 2].

The run phase of a first `dbt run` of simple stream tables, each time in a new database. In turn
(A B C D A B C D): ours with `trial: off`, a materialization that sends one trivial statement, where
--upstream names its folder the package of pg_trickle's authors, and ours with the trial, which has
its goal in tests.bench.trial. Prints medians and ratios, asserts nothing. The goal: at most 1.2
times upstream's. Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from tests.bench import costs, projects
from tests.bench.costs import Cost
from tests.support.postgres import Server, running_server


def main() -> None:
    """Run the kinds in turn."""
    parser = projects.arguments(__doc__, repeats=2)
    parser.add_argument("--upstream", type=Path, help="the folder of upstream's package")
    asked = parser.parse_args()
    with running_server() as server:
        one = partial(_first_run, server, asked.models, asked.upstream)
        sides = {
            # upstream's creates none with several threads: they meet in the extension's catalog
            f"{kind}, {threads} threads": partial(one, kind, threads, "off")
            for kind in projects.kinds(asked.upstream)
            for threads in [1 if kind == "upstream" else asked.threads]
        }
        sides["ours, with the trial"] = partial(one, "ours", asked.threads, "on")
        measured = costs.in_turn(sides, asked.repeats)
        costs.show(f"first run of {asked.models} models, {server.extension}", measured)


def _first_run(
    server: Server, models: int, upstream: Path | None, kind: str, threads: int, trial: str
) -> Cost:
    with server.database() as database, tempfile.TemporaryDirectory() as folder:
        project = projects.make(kind, Path(folder), database, models, upstream, trial)
        # parsing is no part of it
        projects.run(project, "--select", "nothing", threads=1)
        return projects.run_phase(project, threads)


if __name__ == "__main__":
    main()
