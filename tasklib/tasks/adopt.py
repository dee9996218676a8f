"""A dbt project that was there before gets what the macros and tasks need of its own files.

copier adds the files that are new to it (`--data adopt=yes`); what is left are a few lines in files
that are the user's: shown as a diff first, and written only after a yes.
"""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tasklib.base.display import ask, say, warn
from tasklib.base.errors import UserError
from tasklib.project.project import Project, read_mapping

PACKAGE = "dbt_pgtrickle"
HOOK = "{{ pgtrickle_rebind() }}"
IGNORED = (".env", ".env.new.*", ".pgtrickle/")
PACKAGE_FILES = ("packages.yml", "dependencies.yml")
# what dbt or somebody else put there
NOT_OURS = (".git", ".venv", "dbt_packages", "target", "logs", "tasklib", "node_modules")
PREFIXED = re.compile(rf"\b{PACKAGE}\.(?=[a-z_]+)")


def adopt(project: Project, *, yes: bool = False) -> None:
    """Show what has to change in the project's own files, and change it after a question.

    - packages.yml: pg_trickle's own package goes, whose name, macros and configs these macros keep;
      calls of its macros lose its name.
    - dbt_project.yml: a hook at the end of each run, and the folder of the macros.
    - profiles.yml, where copier made it: the name of the profile that dbt_project.yml asks for.
    - .gitignore: what holds secrets and the database.

    Args:
        project: the project.
        yes: don't ask.

    Raises:
        UserError: a file can't be changed without risk (then none is), or no is the answer.
    """
    changes = {path: new for path, old, new in _changes(project.root) if new != old}
    installed = _installed(project.root)
    if not changes and not installed:
        say("Nothing has to change: next: invoke up, invoke build")
        return
    for path, new in changes.items():
        name = str(path.relative_to(project.root))
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        for line in difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{name} (now)", name, lineterm="", n=1
        ):
            say(line)
    if installed:
        say(f"{installed.relative_to(project.root)}: what `dbt deps` installed of it goes.")
    if not (yes or ask("Make these changes?")):
        raise UserError("Nothing was changed.")
    for path, new in changes.items():
        path.write_text(new, encoding="utf-8")
    if installed:
        shutil.rmtree(installed)
    say("Done. Next: invoke up, invoke build")


def _changes(root: Path) -> Iterator[tuple[Path, str, str]]:
    """Each file that may have to change, with its text now and then."""
    texts: dict[Path, tuple[str, str]] = {}

    def edit(path: Path, change: Callable[[str], str]) -> None:
        old, new = (
            texts.get(path) or (path.read_text(encoding="utf-8") if path.exists() else "",) * 2
        )
        texts[path] = (old, change(new))

    for name in PACKAGE_FILES:
        if (root / name).is_file():
            edit(root / name, without_upstream)
    for path in _of_the_users(root):
        edit(path, lambda text: PREFIXED.sub("", text))
    settings = read_mapping(root / "dbt_project.yml")
    edit(root / "dbt_project.yml", lambda text: with_hook(with_macros(text)))
    edit(root / "profiles.yml", lambda text: with_profile(text, str(settings.get("profile") or "")))
    edit(root / ".gitignore", with_ignored)
    for path, (old, new) in texts.items():
        yield path, old, new


def _of_the_users(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.suffix in (".sql", ".yml", ".yaml") and path.is_file() and not (
            inside[0] in NOT_OURS or inside[:2] == ("macros", "pgtrickle")
        ):  # fmt: skip
            yield path


def _installed(root: Path) -> Path | None:
    settings = read_mapping(root / "dbt_project.yml")
    folder = root / str(settings.get("packages-install-path") or "dbt_packages") / PACKAGE
    return folder if folder.is_dir() else None


def without_upstream(text: str) -> str:
    """The text of packages.yml without pg_trickle's own dbt package.

    Raises:
        UserError: it stands in a way that isn't understood.
    """
    before = list((yaml.safe_load(text) or {}).get("packages") or [])
    wanted = [one for one in before if not is_upstream(one)]
    if wanted == before:
        return text
    lines = text.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if re.match(r"\s*- ", line)]
    for number in reversed(range(len(starts))):
        start = starts[number]
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        item = yaml.safe_load("".join(lines[start:end]))
        if isinstance(item, list) and len(item) == 1 and is_upstream(item[0]):
            del lines[start:end]
    new = "".join(lines)
    if not wanted:
        new = re.sub(r"(?m)^packages:\s*$", "packages: []", new)
    if ((yaml.safe_load(new) or {}).get("packages") or []) != wanted:
        raise UserError(
            "packages.yml can't be changed without risk.",
            "Take pg_trickle's own dbt package out of it yourself, then try again.",
        )
    return new


def is_upstream(package: Any) -> bool:
    """Whether an entry of packages.yml is pg_trickle's own dbt package."""
    if not isinstance(package, dict):
        return False
    if str(package.get("package", "")).endswith(f"/{PACKAGE}"):
        return True
    places = (package.get("subdirectory"), package.get("local"))
    return any(re.search(r"(^|/)dbt[-_]pg_?trickle/?$", str(place or "")) for place in places)


def with_hook(text: str) -> str:
    """The text of dbt_project.yml with the hook at the end of each run.

    Raises:
        UserError: the hooks that are there stand in a way that isn't understood.
    """
    known = yaml.safe_load(text).get("on-run-end") or []
    hooks = known if isinstance(known, list) else [known]
    if any("pgtrickle_rebind" in str(hook) for hook in hooks):
        return text
    line = f'  - "{HOOK}"\n'
    if not hooks:
        text = re.sub(r"(?m)^on-run-end:.*\n?", "", text)
        note = "# A rebuilt parent takes its stream tables' source away; this binds them again.\n"
        new = f"{text.rstrip()}\n\n{note}on-run-end:\n{line}"
    elif isinstance(known, list):
        new = re.sub(r"(?m)^(on-run-end:[ \t]*(?:#.*)?\n)", lambda found: found[1] + line, text)
    else:
        new = re.sub(
            r"(?m)^on-run-end:[ \t]*(\S.*)$",
            lambda found: f"on-run-end:\n{line}  - {found[1]}",
            text,
        )
    return _only(text, new, "on-run-end", [HOOK, *hooks])


def with_macros(text: str) -> str:
    """The text of dbt_project.yml with macros/ among the folders of macros.

    Raises:
        UserError: those that are there stand in a way that isn't understood.
    """
    folders = yaml.safe_load(text).get("macro-paths") or ["macros"]
    if "macros" in folders:
        return text
    new = re.sub(r"(?m)^macro-paths:[ \t]*\[", "macro-paths: [macros, ", text)
    return _only(text, new, "macro-paths", ["macros", *folders])


def _only(text: str, new: str, key: str, wanted: list[Any]) -> str:
    """The new text, if this key is all that it says otherwise."""
    try:
        read = yaml.safe_load(new)
    except yaml.YAMLError:
        read = None
    if read != {**yaml.safe_load(text), key: wanted}:
        raise UserError(
            f"dbt_project.yml can't be changed without risk: its {key} stands in another form.",
            f"Write it yourself, then try again: {key}: {wanted}",
        )
    return new


def with_profile(text: str, profile: str) -> str:
    """The text of profiles.yml with the profile under the name that dbt_project.yml asks for."""
    known = list(yaml.safe_load(text) or {})
    if not profile or profile in known:
        return text
    if len(known) != 1:
        warn(f"profiles.yml has no profile {profile}, which dbt_project.yml asks for: add it.")
        return text
    return re.sub(rf"(?m)^{re.escape(known[0])}:", f"{profile}:", text)


def with_ignored(text: str) -> str:
    """The text of .gitignore with what holds secrets and the database."""
    missing = [line for line in IGNORED if line not in text.splitlines()]
    if not missing:
        return text
    told = "# Secrets and the database (invoke)\n" + "".join(f"{line}\n" for line in missing)
    return f"{text.rstrip()}\n\n{told}" if text.strip() else told
