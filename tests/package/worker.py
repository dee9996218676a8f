"""Runs in another virtualenv: reads dbt commands as JSON lines, answers with JSON lines.

One process for all commands of a flow, since importing dbt takes longer than most of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from dbt.cli.main import dbtRunner


def run(arguments: list[str]) -> dict[str, Any]:
    """Run one dbt command; give its success, its log and each node's message."""
    lines: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level != "debug":
            lines.append(event.info.msg)

    outcome = dbtRunner(callbacks=[listen]).invoke(arguments)
    results = getattr(outcome.result, "results", None) or []
    if outcome.exception:
        lines.append(str(outcome.exception))
    return {
        "success": bool(outcome.success),
        "log": "\n".join(lines),
        "messages": {r.node.name: str(r.message) for r in results if getattr(r, "node", None)},
    }


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            print(json.dumps(run(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
