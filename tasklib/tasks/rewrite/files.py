"""The files that a rewrite makes: the model in its own terms, and the stream tables below it."""

from __future__ import annotations

import difflib
import importlib.metadata
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from packaging.version import Version

from tasklib.project import dbt
from tasklib.tasks.rewrite.config import new_config, read_config, with_config
from tasklib.tasks.rewrite.models import Model
from tasklib.tasks.rewrite.pieces import Piece
from tasklib.tasks.rewrite.template import Template
from tasklib.tasks.rewrite.tree import output_names, reads, tidied

# of the model's config(), what a stream table below it has as well
INHERITED = ("database", "schema", "schedule", "tags", "tier", "cdc_mode")


@dataclass(frozen=True)
class FileChange:
    """A file as it is (None: it isn't there) and as it would be."""

    path: Path
    before: str | None
    after: str

    def diff(self, root: Path) -> list[str]:
        """The lines of a unified diff, with the path below a folder."""
        name = self.path.relative_to(root).as_posix() if self.path.is_relative_to(root) else ""
        before = (self.before or "").splitlines()
        old = f"a/{name}" if self.before is not None else "/dev/null"
        return list(
            difflib.unified_diff(before, self.after.splitlines(), old, f"b/{name}", lineterm="")
        )


def changes(model: Model, template: Template, pieces: Sequence[Piece]) -> list[FileChange]:
    """What to write so that a model is built as these pieces.

    Args:
        model: the user's model.
        template: its file.
        pieces: its stream tables, each after those that it reads; the last is the model itself.
    """
    names = {piece.name: f"{model.name}__{piece.name}" for piece in pieces if piece.name}
    for alias, name in names.items():
        template.tables["", alias] = f"{{{{ ref('{name}') }}}}"
    given = read_config(template.header)
    settings = {"refresh_mode": "'DIFFERENTIAL'"} if _is_full(model) else {}
    if names:
        settings["schedule"] = "'calculated'"
    header = with_config(template.header, settings)
    found = [FileChange(model.path, model.raw, header + template.body(tidied(pieces[-1].tree)))]
    for piece in pieces[:-1]:
        inherited = {key: given[key] for key in INHERITED if key in given}
        if reads(piece.tree, set(names)):
            inherited["schedule"] = "'calculated'"
        config = new_config({"materialized": "'stream_table'", **inherited})
        said = f"-- What {model.name} reads: kept by itself, so that both stay incremental.\n"
        path = model.path.with_name(f"{names[piece.name]}.sql")
        found.append(_new(path, said + config + template.body(tidied(piece.tree))))
    if names:
        path = model.path.with_name(f"{model.name}__parts.yml")
        found.append(_new(path, _described(model, names, pieces)))
    return found


def not_in_git(found: Sequence[FileChange]) -> list[Path]:
    """The files that git couldn't give back as they are now."""
    return [
        change.path for change in found if change.before is not None and not _is_kept(change.path)
    ]


def write(found: Sequence[FileChange]) -> None:
    """Write the files."""
    for change in found:
        change.path.write_text(change.after, encoding="utf-8")


def _new(path: Path, text: str) -> FileChange:
    return FileChange(path, path.read_text(encoding="utf-8") if path.is_file() else None, text)


def _is_full(model: Model) -> bool:
    return str(model.settings.get("refresh_mode") or "").upper() == "FULL"


def _described(model: Model, names: dict[str, str], pieces: Sequence[Piece]) -> str:
    tests = tests_key()
    models = []
    for piece in pieces[:-1]:
        key = piece.key()
        models.append(
            {
                "name": names[piece.name],
                "description": f"Part of {model.name}, by `invoke rewrite`.",
                "columns": [
                    {"name": name, **({tests: ["unique"]} if key == [name] else {})}
                    for name in output_names(piece.tree)
                ],
            }
        )
    return yaml.safe_dump({"version": 2, "models": models}, sort_keys=False)


def tests_key() -> str:
    """What the installed dbt calls the tests of a column: `tests` before 1.8, else `data_tests`."""
    if dbt.v2() or Version(importlib.metadata.version("dbt-core")) >= Version("1.8"):
        return "data_tests"
    return "tests"


def _is_kept(path: Path) -> bool:
    """Whether git has a file's contents."""
    try:
        for command in (["ls-files", "--error-unmatch"], ["diff", "--quiet", "HEAD"]):
            subprocess.run(
                ["git", "-C", str(path.parent), *command, "--", path.name],
                check=True, capture_output=True,
            )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
