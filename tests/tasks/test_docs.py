"""What the documentation has people type is what the tasks take, by invoke's own parser."""

from __future__ import annotations

import re
import shlex

import pytest
from invoke.collection import Collection
from invoke.parser import Parser

import tasks
from tests.support.postgres import ROOT

HOW_TO = [
    "README.md", "template/README.md.jinja", "template/docs/ci.md.jinja",
    "template/docs/targets.md.jinja", "template/docs/monitoring.md.jinja",
    "template/docs/releases.md.jinja",
    "template/.github/workflows/stream-tables.yml", "template/.gitlab-ci.yml",
]  # fmt: skip
PAGES = sorted(
    {
        str(p.relative_to(ROOT))
        for folder in ("docs", "template/docs")
        for p in (ROOT / folder).glob("*.md*")
    }
    | {*HOW_TO, "CONTRIBUTING.md"}
)
# in backticks; or on a line of its own, behind a prompt, variables, a folder or another command
INLINE = re.compile(r"`(?:[A-Z_]+=\S+ )*invoke ([^`\n]+)`")
WHOLE = re.compile(
    r"^(?:\s+|.* && |.*/bin/|\s+run: |\s+- )(?:\$ )?(?:[A-Z_]+=\S+ )*invoke ([^\n]+)$", re.M
)
REST = re.compile(r"(  +#| +(?:<|>|2>|\|\|?|&&|;)|\s--(?=\s|$)).*$")


def typed(text: str) -> list[str]:
    """The commands in a page, without `invoke`, comments, redirections and what is dbt's."""
    found = [*INLINE.findall(text), *WHOLE.findall(text)]
    plain = (re.sub(r"[\[\]]", "", REST.sub("", one)) for one in found)
    return [one.rstrip(" .,:") for one in plain if not one.startswith("--")]


@pytest.mark.parametrize("page", PAGES)
def test_each_command_in_a_page_is_one_that_its_task_takes(page: str) -> None:
    contexts = Collection.from_module(tasks).to_contexts()
    for command in typed((ROOT / page).read_text()):
        Parser(contexts=contexts).parse_argv(shlex.split(command))


@pytest.mark.parametrize("page", HOW_TO)
def test_a_page_that_tells_how_has_commands(page: str) -> None:
    assert len(typed((ROOT / page).read_text())) > 3
