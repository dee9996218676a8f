"""A workflow as its runner reads it: checked by the CI's own schema, its steps run in a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.warm import programs

BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """One step of a job: its name, its script, when it runs."""

    name: str
    script: str
    condition: str
    env: dict[str, str]


def complaints(file: Path, schema: str) -> str:
    """What a CI's own schema has against a file; empty if nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


def github_steps(file: Path) -> list[Step]:
    """The steps of a workflow's only job that run a script."""
    (job,) = yaml.safe_load(file.read_text())["jobs"].values()
    return [
        Step(one["name"], one["run"], one.get("if", ""), one.get("env", {}))
        for one in job["steps"]
        if "run" in one
    ]


def gitlab_script(file: Path) -> str:
    """The script of a pipeline's only job."""
    (job,) = (one for one in yaml.safe_load(file.read_text()).values() if "script" in one)
    return "\n".join(job["script"])


def run_step(
    step: Step, project: Path, environment: Mapping[str, str], values: Mapping[str, Any]
) -> str:
    """Run a step as a runner does, in a new bash that ends at the first failure; give its output.

    Args:
        step: the step.
        project: the folder.
        environment: variables of the job.
        values: of the expressions in the step's own variables.
    """
    own = {
        name: EXPRESSION.sub(lambda found: str(values[found[1]]), str(text))
        for name, text in step.env.items()
    }
    path = os.pathsep.join([str(project / "bin"), str(programs()), str(BIN), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step.script], cwd=project, text=True, check=False,
        env={**os.environ, **environment, **own, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, f"{step.name}: {done.returncode}\n{done.stdout}"
    return done.stdout
