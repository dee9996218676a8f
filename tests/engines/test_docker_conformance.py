"""The conformance suite on a server in a container; `--engine docker` runs all of it there."""

from __future__ import annotations

import os
import subprocess
import sys

import docker

from tests.support.postgres import ROOT

# All of it takes as long as the embedded one: script/test tests/conformance --engine docker.
CHOSEN = ("test_refresh.py", "test_drop.py")


def test_the_chosen_part_of_the_conformance_suite_passes_in_docker(
    daemon: docker.DockerClient, image: str
) -> None:
    files = [f"tests/conformance/{name}" for name in CHOSEN]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PGPORT"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--engine", "docker", *files],
        cwd=ROOT, env=environment, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout.splitlines()[-1]
    assert "skipped" not in done.stdout.splitlines()[-1]
