"""What something costs, several in turn, and how that is printed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

# in a small process between: a child starts with its parent's memory, as the system counts
MEASURED = """
import json, resource, subprocess, sys, time
started = time.monotonic()
status = subprocess.run(sys.argv[1:]).returncode
wall, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]), file=sys.stderr)
sys.exit(status)
"""


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds, memory in MiB; nan is what wasn't measured."""

    wall: float
    cpu: float = float("nan")
    memory: float = float("nan")


@dataclass(frozen=True)
class Done:
    """What became of a program."""

    cost: Cost
    status: int
    output: str


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, check: bool = True
) -> Done:
    """Run a program in a process of its own; unless told otherwise its failure ends the benchmark.

    Args:
        command: the program and its arguments.
        cwd: the folder in which it runs.
        env: variables beside those of this process.
        check: whether it has to succeed.
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], cwd=cwd, env={**os.environ, **(env or {})},
        check=False, text=True, capture_output=True,
    )  # fmt: skip
    if check and done.returncode:
        said = f"{done.stdout}\n{done.stderr}"
        raise SystemExit(f"{' '.join(map(str, command))} failed in {cwd}:\n{said}")
    return Done(Cost(*json.loads(done.stderr.splitlines()[-1])), done.returncode, done.stdout)


def of(action: Callable[[], object]) -> Cost:
    """What a call of this process costs: its wall time."""
    started = time.monotonic()
    action()
    return Cost(time.monotonic() - started)


def in_turn(sides: Mapping[str, Callable[[], Cost]], repeats: int) -> dict[str, Cost]:
    """Run the sides one after the other, so many times (A B A B); give the medians of each."""
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            costs[name].append(side())
            # a run that is stopped has said something
            print(f"{name}: {costs[name][-1].wall:.2f} s", file=sys.stderr)
    return {name: median(some) for name, some in costs.items()}


def median(costs: list[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*map(statistics.median, zip(*map(astuple, costs), strict=True)))


def show(what: str, costs: Mapping[str, Cost]) -> None:
    """Print what each side costs, and how many times that the first one does."""
    print(what)
    first = next(iter(costs.values()))
    for name, cost in costs.items():
        figures = zip(
            astuple(cost), astuple(first), ("{:.2f} s", "CPU {:.2f} s", "{:.0f} MiB"), strict=True
        )
        told = [
            form.format(figure) + ("" if cost is first else f" ({mine / figure:.2f})")
            for figure, mine, form in figures
            if figure == figure  # noqa: PLR0124 nan is no figure
        ]
        print(f"  {name:24} {', '.join(told)}", flush=True)
