"""A project folder as copier makes it, small, and `invoke` run in it as a user does."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import psutil
import psycopg
import yaml
from psycopg.rows import dict_row

from tasklib import engines
from tasklib.base import env_file
from tasklib.engines import choice
from tasklib.project.project import find_project
from tests.support.postgres import ROOT, free_port
from tests.support.warm import programs

# So that `auto` gives the same on every machine.
NO_DOCKER = "unix:///nonexistent/docker.sock"
DOCKER = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
NO_RELEASE = "http://127.0.0.1:1"
ORDINARY_USER = "pgtrickle-test"


@dataclass
class Workspace:
    """One project, and the account that works in it (None: this process's own)."""

    root: Path
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """The folder .pgtrickle."""
        return self.root / ".pgtrickle"

    @property
    def port(self) -> int:
        """The port of invoke.yaml."""
        return int(self.settings()["port"])

    def settings(self) -> dict[str, Any]:
        """The mapping in invoke.yaml."""
        return dict(yaml.safe_load((self.root / "invoke.yaml").read_text())["pgtrickle"])

    def configure(self, **changes: Any) -> None:
        """Change settings in invoke.yaml."""
        text = yaml.safe_dump({"pgtrickle": self.settings() | changes})
        (self.root / "invoke.yaml").write_text(text)

    def write_profiles(self) -> None:
        """Give the project the template's profiles.yml, without a run of copier."""
        template = jinja2.Template(
            (ROOT / "template" / "profiles.yml.jinja").read_text(),
            variable_start_string="[[", variable_end_string="]]",
        )  # fmt: skip
        answers = {"project_slug": "shop", "port": self.port, "dbt_schema": "analytics"}
        (self.root / "profiles.yml").write_text(template.render(answers))

    def popen(
        self, *args: str, cwd: Path | None = None, warm: bool = False, **options: Any
    ) -> subprocess.Popen[str]:
        """Start `invoke ARGS` in the project, in an interpreter of its own or a warmed-up one."""
        python, account = _python(self.user)
        program = [str(programs() / "invoke")] if warm else [python, "-m", "invoke"]
        environment = _clean_environment() | {
            "DOCKER_HOST": NO_DOCKER, "PGTRICKLE_RELEASE_URL": NO_RELEASE, **self.environment,
        }  # fmt: skip
        if self.user:
            environment["HOME"] = "/nonexistent"
        if python != sys.executable:
            environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if "site-packages" in p)
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | options
        return subprocess.Popen(
            [*program, *args], cwd=cwd or self.root, env=environment, text=True,
            stderr=subprocess.STDOUT, **settings, **account,
        )  # fmt: skip

    def invoke(self, *args: str, status: int = 0, cwd: Path | None = None) -> str:
        """Run `invoke ARGS` to its end, check its exit status, and give what it printed."""
        # its own interpreter for another account, which may not enter the warmed-up one's folder
        with self.popen(*args, cwd=cwd, warm=self.user is None) as process:
            output = process.communicate(timeout=120)[0]
        assert process.returncode == status, f"invoke {args}: {process.returncode}\n{output}"
        assert "Traceback" not in output, output
        return output

    def env(self) -> dict[str, str]:
        """The variables in .env."""
        return env_file.read(self.root / ".env")

    def query(self, statement: str, **overrides: str) -> list[dict[str, Any]]:
        """Run one statement in the project's database, as .env says."""
        env = self.env()
        options: dict[str, Any] = {
            "host": env["PGHOST"], "port": env["PGPORT"], "user": env["PGUSER"],
            "password": env["PGPASSWORD"], "dbname": env["PGDATABASE"], **overrides,
        }  # fmt: skip
        with psycopg.connect(**options, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def superuser(self) -> dict[str, str]:
        """What has `query` go as the server's superuser."""
        return {"user": "postgres", "password": self.env()["PGTRICKLE_SUPERUSER_PASSWORD"]}

    def server(self) -> psutil.Process:
        """The server's main process."""
        lines = (self.state / "data" / "postmaster.pid").read_text().splitlines()
        return psutil.Process(int(lines[0]))

    def scheduler(self) -> psutil.Process:
        """The scheduler's process."""
        return psutil.Process(int((self.state / "scheduler.pid").read_text()))

    def remembered(self) -> dict[str, Any]:
        """The engine that is remembered."""
        return dict(json.loads((self.state / "engine.json").read_text()))


@contextlib.contextmanager
def workspace(
    folder: Path, user: str | None = None, settings: Mapping[str, Any] | None = None
) -> Iterator[Workspace]:
    """Make a project in a folder; afterwards stop its server and delete its data."""
    make(folder, **(settings or {}))
    if user:
        give(folder, user)
    made = Workspace(folder, user)
    try:
        yield made
    finally:
        made.configure(engine="auto")
        project = find_project(folder)
        used = choice.remembered(project)
        for name in {"embedded", used.engine if used else "embedded"}:
            engines.engine(name, project).down(volumes=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def in_docker(folder: Path, image: str, **settings: Any) -> Iterator[Workspace]:
    """A project that is set to docker, to an image, and to the machine's own daemon."""
    with workspace(folder, settings={"engine": "docker", "image": image, **settings}) as made:
        made.environment = {"DOCKER_HOST": DOCKER}
        try:
            yield made
        finally:
            engines.engine("docker", find_project(folder)).down(volumes=True)


def make(folder: Path, **settings: Any) -> None:
    """Write a project: settings, a dbt project without models, tasks."""
    folder.mkdir(parents=True, exist_ok=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tasklib", folder / "tasklib", ignore=ignored)
    shutil.copytree(ROOT / "macros", folder / "macros" / "pgtrickle")
    shutil.copy(ROOT / "tasks.py", folder)
    (folder / "models" / "marts").mkdir(parents=True)
    chosen = {
        "slug": "shop", "schema": "analytics", "engine": "auto", "version": "latest",
        "database": "shop", "port": free_port(), **settings,
    }  # fmt: skip
    (folder / "invoke.yaml").write_text(yaml.safe_dump({"pgtrickle": chosen}))
    project = {"name": "shop", "version": "1.0.0", "profile": "shop"}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))


def give(folder: Path, user: str) -> None:
    """Make a folder and all in it a user's."""
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user, user)


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every account may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="pgtrickle-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ordinary_user() -> Iterator[str]:
    """An account that is not root; made for the test where this process is root."""
    name = f"{ORDINARY_USER}-{uuid.uuid4().hex[:6]}"
    subprocess.run(["useradd", "--user-group", "--no-create-home", name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["userdel", name], check=True)


def usable_python(user: str) -> str | None:
    """A Python with this one's version that the user may run: this one may be in root's home."""
    entry = pwd.getpwnam(user)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with contextlib.suppress(OSError):
            if not subprocess.run(
                [candidate, "-c", ""], check=False, cwd="/",
                user=entry.pw_uid, group=entry.pw_gid, extra_groups=[],
            ).returncode:  # fmt: skip
                return candidate
    return None


def _python(user: str | None) -> tuple[str, dict[str, Any]]:
    if user is None:
        return sys.executable, {}
    entry = pwd.getpwnam(user)
    python = usable_python(user)
    assert python is not None
    return python, {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _clean_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "INVOKE_", "DBT_", "PYTEST_"))
    }
