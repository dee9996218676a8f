"""A small dbt project in a temporary folder, run by dbt itself inside this process."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from tests.support.dbt_runner import invoke
from tests.support.parsed_macros import take_parsed_macros
from tests.support.postgres import ROOT, Database

PROFILE = {
    "shop": {
        "target": "dev",
        "outputs": {
            "dev": {
                "type": "postgres",
                "host": "{{ env_var('PGHOST') }}",
                "port": "{{ env_var('PGPORT') | int }}",
                "user": "{{ env_var('PGUSER') }}",
                "password": "{{ env_var('PGPASSWORD') }}",
                "dbname": "{{ env_var('PGDATABASE') }}",
                "schema": "analytics",
                "threads": 2,
            }
        },
    }
}


@dataclass(frozen=True)
class DbtResult:
    """What one dbt command did: log, queries, each node's status and message, what `ls` lists."""

    success: bool
    log: str
    queries: list[tuple[str, str]]
    nodes: dict[str, str]
    messages: dict[str, str]
    listed: list[str]

    def statements(self, node: str) -> list[str]:
        """The statements that dbt sent for one node, transaction control left out."""
        sent = [
            re.sub(r"/\*.*?\*/", "", sql, flags=re.S) for name, sql in self.queries if name == node
        ]
        return [
            sql
            for sql in sent
            if sql.strip().rstrip(";").upper() not in {"BEGIN", "COMMIT", "ROLLBACK"}
        ]


@dataclass
class DbtProject:
    """A dbt project on disk that runs against one database.

    Without artifacts no JSON is written into target/: it takes nearly half of a small run's time.
    No log is written: that takes a tenth.
    """

    root: Path
    database: Database
    threads: int = 2
    artifacts: bool = True
    vars: dict[str, Any] = field(default_factory=dict)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files below the project's root, folders made as needed."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def configure(self, **settings: Any) -> None:
        """Write dbt_project.yml and profiles.yml; settings are further keys of dbt_project.yml."""
        project: dict[str, Any] = {
            "name": "shop",
            "version": "1.0.0",
            "config-version": 2,
            "profile": "shop",
            "model-paths": ["models"],
            "macro-paths": ["macros"],
            "on-run-end": ["{{ pgtrickle_rebind() }}"],
            **settings,
        }
        self.write(
            {
                "dbt_project.yml": yaml.safe_dump(project, sort_keys=False),
                "profiles.yml": yaml.safe_dump(PROFILE),
            }
        )

    def dbt(
        self, *args: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> DbtResult:
        """Run one dbt command; fails the test if dbt fails and check is true."""
        lines: list[str] = []
        queries: list[tuple[str, str]] = []

        def listen(event: Any) -> None:
            if event.info.level != "debug":
                lines.append(event.info.msg)
            if event.info.name == "SQLQuery":
                queries.append((event.data.conn_name, event.data.sql))

        command = [
            "--no-use-colors", "--no-send-anonymous-usage-stats", "--quiet",
            "--log-level-file", "none", *args,
            "--project-dir", str(self.root), "--profiles-dir", str(self.root),
        ]  # fmt: skip
        if args[0] in {"run", "build", "seed", "test", "snapshot", "retry", "clone"}:
            command += [] if "--threads" in args else ["--threads", str(self.threads)]
            command += [] if self.artifacts else ["--no-write-json"]
        if self.vars and "--vars" not in args:
            command += ["--vars", json.dumps(self.vars)]
        environment = {**os.environ, **self.database.env, **(env or {})}
        take_parsed_macros(self.root, environment)
        with mock.patch.dict(os.environ, environment, clear=True):
            outcome = invoke(command, listen)
        log = "\n".join(lines)
        results = getattr(outcome.result, "results", None) or []
        result = DbtResult(
            bool(outcome.success),
            log + (f"\n{outcome.exception}" if outcome.exception else ""),
            queries,
            {r.node.name: str(r.status) for r in results if getattr(r, "node", None)},
            {r.node.name: str(r.message) for r in results if getattr(r, "node", None)},
            outcome.result if isinstance(outcome.result, list) else [],
        )
        if check:
            assert result.success, f"dbt {' '.join(args)} failed:\n{result.log}"
        return result

    def manifest(self) -> dict[str, Any]:
        """target/manifest.json of the last command."""
        return json.loads((self.root / "target" / "manifest.json").read_text())  # type: ignore[no-any-return]


def make_project(
    root: Path, database: Database, files: Mapping[str, str], **settings: Any
) -> DbtProject:
    """Make a dbt project with the repository's macros bundled, as a generated project has them."""
    project = DbtProject(root, database)
    project.configure(**settings)
    shutil.copytree(ROOT / "macros", root / "macros" / "pgtrickle")
    take_parsed_macros(root, {**os.environ, **database.env})
    project.write(files)
    return project
