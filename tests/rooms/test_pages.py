"""The pages say what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from tasklib import __version__
from tests.support.postgres import ROOT

CODES = ROOT / "docs" / "codes.md"


def pages() -> ModuleType:
    """script/pages.py."""
    spec = importlib.util.spec_from_file_location("pages", ROOT / "script" / "pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", ["docs/settings.md", "docs/tasks.md"])
def test_what_is_made_from_the_code_is_up_to_date(path: str) -> None:
    made = pages().PAGES[path]()
    assert (ROOT / path).read_text() == made, "run script/pages.py"


def test_every_quirk_is_on_its_page_with_a_macro_and_a_test_that_are_there() -> None:
    page = (ROOT / "docs" / "quirks.md").read_text()
    quirks = {f"quirks/{path.stem}" for path in (ROOT / "macros" / "quirks").glob("*.sql")}
    told = set(re.findall(r"`(\w+/pgtrickle__\w+)`", page))
    assert quirks <= told
    assert [name for name in told if not (ROOT / "macros" / f"{name}.sql").exists()] == []
    tests = re.findall(r"`(tests/[\w/]+\.py)`", page)
    assert len(tests) == page.count("\n| ") - 1, "one a row"
    assert [name for name in tests if not (ROOT / name).exists()] == []


def test_every_code_has_one_row_and_every_row_a_code() -> None:
    files = [*(ROOT / "macros").rglob("*.sql"), *(ROOT / "tasklib").rglob("*.py")]
    said = {code for file in files for code in re.findall(r"PGT0\d\d", file.read_text())}
    rows = re.findall(r"^\| (PGT\d+) \|", CODES.read_text(), re.MULTILINE)
    assert sorted(said) == rows, "sorted, each once"


def test_every_row_of_a_code_has_a_meaning_a_cause_and_a_remedy() -> None:
    rows = [line for line in CODES.read_text().splitlines() if line.startswith("| PGT")]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 5 and all(cells), row


def test_every_link_between_the_pages_leads_somewhere() -> None:
    """Of those that a generated project has, too."""
    delivered = (ROOT / "template" / "docs").glob("*.md")
    own = (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))
    for page in [*own, *(ROOT / "docs").glob("*.md"), *delivered]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page}: {link}"


def test_every_room_of_the_map_is_there_and_the_other_way_round() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    parts = {
        "macros": text.split("Of `macros/`")[1].split("Of `tasklib/`")[0],
        "tasklib": text.split("Of `tasklib/`")[1].split("## ")[0],
    }
    for folder, part in parts.items():
        firsts = [row.split("|")[1] for row in part.splitlines() if row.startswith("| `")]
        named = {name for cell in firsts for name in re.findall(r"`(\w+)`", cell)}
        there = {
            path.parent.name
            for path in Path(ROOT / folder).glob("*/*.*")
            if path.suffix in (".sql", ".py")
        }
        assert named == there - {"__pycache__"}, folder


def test_the_version_is_one() -> None:
    package = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["version"]
    ours = re.findall(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[0]
    newest = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0]
    assert {package, ours, newest} == {__version__}
