"""The rooms of the code: each uses those below it alone, and none goes round in a circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.postgres import ROOT

Uses = Mapping[str, set[str]]

# Of tasklib, from the ground up. A room is the longest of these that a module's name begins with.
MODULES = (
    "tasklib",
    "tasklib.base",
    "tasklib.project",
    "tasklib.catalog",
    "tasklib.pg_trickle_lite",
    "tasklib.engines.base",
    "tasklib.engines.wheel",
    "tasklib.engines.port",
    "tasklib.engines.pins",
    "tasklib.engines.lock",
    "tasklib.engines.choice",
    "tasklib.engines.psql",
    "tasklib.engines.lite_process",
    "tasklib.engines.release",
    "tasklib.engines.server",
    "tasklib.engines.docker",
    "tasklib.engines.embedded",
    "tasklib.engines.external",
    "tasklib.engines",
    "tasklib.tasks",
    "tasklib.cli",
    "tasks",
)
# of macros/, from the ground up
MACROS = (
    "text", "flatten", "trial", "queries", "deploy", "utils", "settings", "quirks", "catalog", "compare",
    "transaction", "columns", "trust", "decide", "carry_out", "unchanged", "operations",
    "compatibility", "tests", "overrides", "materializations",
)  # fmt: skip


def modules() -> dict[str, Path]:
    """Each module that a project gets, by its name."""
    files = [ROOT / "tasks.py", *sorted((ROOT / "tasklib").rglob("*.py"))]
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return {name.removesuffix(".__init__"): file for name, file in zip(names, files, strict=True)}


def imports() -> Uses:
    """The modules of ours that each one imports, wherever in it."""
    known = modules()

    def of(file: Path) -> Iterator[str]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert not node.level, f"{file}: imports say the whole name"
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield whole if whole in known else str(node.module)
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)

    return {name: set(of(file)) & known.keys() for name, file in known.items()}


def calls() -> Uses:
    """The macros of ours that each file of macros/ calls, as room/name."""
    comments = re.compile(r"\{#.*?#\}", re.S)
    files = sorted((ROOT / "macros").rglob("*.sql"))
    texts = {
        f"{file.parent.name}/{file.stem}": comments.sub("", file.read_text()) for file in files
    }
    homes = {
        name: place
        for place, text in texts.items()
        for name in re.findall(r"\{%-?\s*macro\s+(\w+)", text)
    }
    # pgtrickle_star(ref(…)) and pgtrickle_primary_key('id') stand in texts that tell what to write
    called = re.compile(r"\b(pgtrickle_\w+)\s*\((?!ref\(|'id')")
    return {
        place: {homes[name] for name in called.findall(text) if name in homes} - {place}
        for place, text in texts.items()
    }


def room(module: str) -> str:
    """The room of tasklib that a module is in."""
    return max((one for one in MODULES if f"{module}.".startswith(f"{one}.")), key=len)


def upward(uses: Uses, order: tuple[str, ...], rooms: Mapping[str, str]) -> list[str]:
    """What uses something of a higher room."""
    level = order.index
    return [
        f"{name} uses {other}"
        for name, others in uses.items()
        for other in others
        if level(rooms[name]) < level(rooms[other])
    ]


def circle(uses: Uses) -> list[str]:
    """What uses each other in a circle; nothing where there is none."""
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_one_of_a_higher_room() -> None:
    uses = imports()
    assert len(uses) > 100
    assert not upward(uses, MODULES, {name: room(name) for name in uses})


def test_no_module_imports_itself_through_others() -> None:
    assert not circle(imports())


def test_no_macro_calls_one_of_a_higher_room() -> None:
    uses = calls()
    assert sum(map(len, uses.values())) > 300
    assert not upward(uses, MACROS, {place: place.split("/")[0] for place in uses})


@pytest.mark.parametrize("folder", [ROOT / "tasklib", ROOT / "macros"], ids=lambda path: path.name)
def test_each_folder_of_ours_is_a_room_that_has_its_place(folder: Path) -> None:
    """A new folder is put into the lists above, or nothing holds it to them."""
    found = {path.relative_to(folder).parts[0] for path in folder.glob("*/*.*")}
    found -= {"__pycache__"}
    known = (
        set(MACROS)
        if folder.name == "macros"
        else {name.split(".")[1] for name in MODULES if "." in name}
    )
    assert found == known


def test_no_line_of_a_macro_is_longer_than_140_characters() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "macros").rglob("*.sql"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 140
    ]
    assert not long
