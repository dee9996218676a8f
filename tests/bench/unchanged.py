"""What a run of unchanged stream tables costs: python -m tests.bench.unchanged [--models 200].

The run phase of `dbt run`, as dbt itself gives it (wall), and the CPU seconds and memory of its
process, less a run that selects nothing. In turn (A B C A B C): ours, a materialization that sends
one trivial statement, and, where --upstream names its folder, the package of pg_trickle's authors.
Prints medians and ratios, asserts nothing. The goals: at most 0.65 times upstream's and 1.1 times
the trivial one's. Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.bench import costs, projects
from tests.support.postgres import running_server


def main() -> None:
    """Build each kind once, then time unchanged runs of them in turn."""
    parser = projects.arguments(__doc__, repeats=3)
    parser.add_argument("--upstream", type=Path, help="the folder of upstream's package")
    asked = parser.parse_args()
    with running_server() as server, ExitStack() as stack:
        sides = {}
        for kind in projects.kinds(asked.upstream):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            database = stack.enter_context(server.database())
            project = projects.make(kind, folder, database, asked.models, asked.upstream, "on")
            # upstream's creates none with several threads: they meet in the extension's catalog
            projects.run(project, threads=1)
            sides[kind] = partial(projects.run_phase, project, asked.threads)
        what = f"unchanged run, {asked.models} models, {asked.threads} threads, {server.extension}"
        costs.show(what, costs.in_turn(sides, asked.repeats))


if __name__ == "__main__":
    main()
