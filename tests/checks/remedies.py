"""Carrying out what a check says to do, word for word."""

from __future__ import annotations

import os
import re
import subprocess

from tests.checks.shop import Shop
from tests.support.postgres import ROOT
from tests.support.warm import programs

COMMAND = re.compile(
    r"(?:invoke|pip|alter|select|grant|create|rollback) (?:[^;()]|\([^()]*\))*(?<![; ])"
)


def give_tasks(shop: Shop) -> None:
    """Put the tasks into the shop's project, as a generated one has them."""
    root = shop.project.root
    (root / "tasks.py").symlink_to(ROOT / "tasks.py")
    (root / "tasklib").symlink_to(ROOT / "tasklib")
    (root / "invoke.yaml").write_text(
        "pgtrickle: {slug: shop, schema: analytics, engine: external}"
    )


def commands(remedy: str) -> list[str]:
    """The commands and statements in a remedy, in their order."""
    return COMMAND.findall(remedy)


def carry_out(shop: Shop, command: str) -> str:
    """Type a command in a shell in the project's folder, or a statement as the owner in psql.

    A question is answered with yes. Fails the test if the command fails; gives its output.
    """
    if not command.startswith("invoke "):
        shop.database.execute(command)
        return ""
    environment = {
        **os.environ, "PATH": f"{programs()}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=shop.project.root, env=environment, input="y\n",
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, f"{command}: {done.returncode}\n{told}"
    return told
