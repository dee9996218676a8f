"""Another commit's models, built in the same database: what a change is compared with."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.project import dbt
from tasklib.project.project import Project


def build(project: Project, commit: str) -> None:
    """Have dbt load the seeds and build the models as they were in a commit; run no tests.

    What fails of that is told and left: the change may be what mends it.

    Args:
        project: the project, whose connection and profile are used.
        commit: any name that git has for it, such as HEAD^1.

    Raises:
        UserError: (exit status 2) there is no git, no repository, or no such commit in it.
    """
    folder = state(project).parent
    with files.explained(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    _unpack(project.root, commit, folder)
    if not (folder / "dbt_project.yml").is_file():
        print(f"{commit} has no dbt project here: all of it is new.")
        return
    packages = any((folder / name).is_file() for name in ("packages.yml", "dependencies.yml"))
    for words in (["deps"] if packages else [], ["seed"], ["run"]):
        status = dbt.run(project, *words, folder=folder) if words else 0
        if status:
            print(
                f"dbt {words[0]} of {commit} ended with status {status}, see above: "
                "compared is with what is there now."
            )


def state(project: Project) -> Path:
    """The folder with the manifest.json of the commit that was built."""
    return project.state_dir / "base" / "target"


def _unpack(root: Path, commit: str, folder: Path) -> None:
    """The files of a commit, of this folder of its repository."""
    checked = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}"
    )
    if checked.returncode:
        inside = _git(root, "rev-parse", "--git-dir").returncode == 0
        raise UserError(
            f"git has no commit {commit} here." if inside else f"{root} is in no git repository.",
            "In a shallow clone, fetch more: git fetch --deepen 100"
            if inside
            else "Make it one: git init && git add --all && git commit",
            2,
        )
    archive = _git(root, "archive", "--format=tar", checked.stdout.decode().strip())
    if archive.returncode:
        raise UserError(f"git can't give {commit}: {archive.stderr.decode().strip()}", "", 2)
    packed = folder / "archive.tar"
    packed.write_bytes(archive.stdout)
    with tarfile.open(packed) as content:
        content.extractall(folder, filter="tar")
    packed.unlink()


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError("git is not installed.", "Install git.", 2) from None
