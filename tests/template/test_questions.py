"""What the template asks: defaults, and a refusal that repeats the bad value."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.postgres import ROOT
from tests.support.terminal import shown_until
from tests.template.helpers import BIN, copy_project

QUESTIONS: dict[str, Any] = {
    name: question
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text()).items()
    if not name.startswith("_")
}


def refusal(tmp_path: Path, question: str, value: str) -> str:
    with pytest.raises(ValueError, match=f"'{question}'") as caught:
        copy_project(tmp_path / "refused", **{question: value})
    assert not (tmp_path / "refused" / "dbt_project.yml").exists()
    return str(caught.value)


def test_every_question_has_help_and_default() -> None:
    for name, question in QUESTIONS.items():
        assert question["help"].endswith(("?", ")")), name
        assert question["default"], name
        assert "validator" in question or "choices" in question, name


def test_no_question_is_missing() -> None:
    assert list(QUESTIONS) == [
        "project_name", "project_slug", "dbt_schema", "engine", "port",
        "pg_trickle_version", "dbt_version", "sample_models", "deploy", "ci", "adopt",
    ]  # fmt: skip


@pytest.mark.quick
def test_defaults_are_written_down(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "shop")
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert {k: v for k, v in answers.items() if not k.startswith("_")} == {
        "project_name": "My stream tables",
        "project_slug": "my_stream_tables",
        "dbt_schema": "analytics",
        "engine": "auto",
        "port": "18432",
        "pg_trickle_version": "latest",
        "dbt_version": "1.11",
        "sample_models": "yes",
        "deploy": "none",
        "ci": "github",
        "adopt": "no",
    }


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Web Shop", "web_shop"),
        ("  2nd try! ", "nd_try"),
        ("日本", "stream_tables"),
        ("x" * 80, "x" * 50),
    ],
)
def test_slug_is_made_from_the_name(tmp_path: Path, name: str, slug: str) -> None:
    project = copy_project(tmp_path / "shop", project_name=name)
    assert yaml.safe_load((project / "dbt_project.yml").read_text())["name"] == slug


@pytest.mark.parametrize("name", ["", " ", 'a "quoted" name', "back\\slash", "two\nlines"])
def test_project_name_is_one_plain_line(tmp_path: Path, name: str) -> None:
    assert f"it is '{name}'" in refusal(tmp_path, "project_name", name)


@pytest.mark.parametrize(
    "slug", ["Shop", "web-shop", "1shop", "shop_", "_shop", "ü", "x" * 51, "a\n"]
)
def test_slug_is_a_name_for_dbt_and_python(tmp_path: Path, slug: str) -> None:
    assert f"it is '{slug}'" in refusal(tmp_path, "project_slug", slug)


@pytest.mark.parametrize("slug", ["dbt", "dbt_pgtrickle", "postgres", "rich"])
def test_slug_is_not_a_name_that_something_needs(tmp_path: Path, slug: str) -> None:
    assert f"'{slug}' is taken" in refusal(tmp_path, "project_slug", slug)


@pytest.mark.parametrize("word", ["true", "null", "yes", "on", "n"])
@pytest.mark.parametrize("question", ["project_slug", "dbt_schema"])
def test_no_name_is_a_word_that_yaml_reads_as_something_else(
    tmp_path: Path, question: str, word: str
) -> None:
    assert not isinstance(yaml.safe_load(word), str) or len(word) == 1
    assert f"reads as something else; it is '{word}'" in refusal(tmp_path, question, word)


@pytest.mark.parametrize("schema", ["", "My", "a.b", "1a", "a b", 'q"', "x" * 64])
def test_schema_needs_no_quotes(tmp_path: Path, schema: str) -> None:
    assert f"it is '{schema}'" in refusal(tmp_path, "dbt_schema", schema)


@pytest.mark.parametrize("schema", ["pg_x", "pgtrickle", "pgtrickle_changes", "information_schema"])
def test_schema_is_not_a_reserved_one(tmp_path: Path, schema: str) -> None:
    assert f"'{schema}' belongs to" in refusal(tmp_path, "dbt_schema", schema)


def test_engine_is_one_of_four(tmp_path: Path) -> None:
    assert "'podman' is not in ['auto', 'docker', 'embedded', 'external']" in refusal(
        tmp_path, "engine", "podman"
    )


@pytest.mark.parametrize("port", ["", "http", "80", "1023", "65536", "-5433", "5433.0"])
def test_port_is_an_ordinary_users_port(tmp_path: Path, port: str) -> None:
    assert f"it is '{port}'" in refusal(tmp_path, "port", port)


@pytest.mark.parametrize("version", ["", "newest", "0.67", "v0.67.0", "0.67.0-pg18", "0.67.0\n"])
def test_pg_trickle_version_is_latest_or_three_numbers(tmp_path: Path, version: str) -> None:
    assert f"it is '{version}'" in refusal(tmp_path, "pg_trickle_version", version)


@pytest.mark.parametrize("version", ["1.5", "1.13", "2.1", "2"])
def test_dbt_version_is_a_supported_one(tmp_path: Path, version: str) -> None:
    assert f"'{version}' is not in ['1.6'," in refusal(tmp_path, "dbt_version", version)


def test_sample_models_are_yes_or_no(tmp_path: Path) -> None:
    assert "'maybe' is not in ['yes', 'no']" in refusal(tmp_path, "sample_models", "maybe")


def test_help_and_choices_fit_into_80_columns() -> None:
    for name, question in QUESTIONS.items():
        hint = " (Use arrow keys)" if "choices" in question else ""
        assert all(len(line + hint) <= 76 for line in question["help"].splitlines()), name
        assert all(len(str(label)) <= 74 for label in question.get("choices", ())), name


@pytest.mark.parametrize(
    ("question", "before", "answer", "rule"),
    [
        ("project_name", 0, "", "it must not be empty;"),
        ("project_slug", 1, "web-shop", "letter, then a-z 0-9 _, no _ last"),
        ("dbt_schema", 2, "My", "a-z or _, then a-z 0-9 _;"),
        ("port", 4, "80", "a number from 1024 to 65535;"),
        ("pg_trickle_version", 5, "newest", "latest, or like 0.67.0;"),
    ],
)
def test_in_80_columns_a_refusal_shows_its_rule_whole(
    tmp_path: Path, question: str, before: int, answer: str, rule: str
) -> None:
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen(
        [str(BIN / "copier"), "copy", "--vcs-ref", "HEAD", str(ROOT), "shop"],
        cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    try:
        asked = list(QUESTIONS)
        for name in asked[:before]:
            shown_until(terminal, _asked(name))
            os.write(terminal, b"\r")
        shown_until(terminal, _asked(question))
        os.write(terminal, b"\x01\x0b" + answer.encode() + b"\r")  # in place of the default
        assert rule in shown_until(terminal, rule)
    finally:
        process.kill()
        process.wait()
        os.close(theirs)
        os.close(terminal)


def _asked(name: str) -> str:
    """The first words of a question: a terminal breaks its lines somewhere."""
    return str(QUESTIONS[name]["help"])[:20]
