"""Awkward values for every argument and every setting end in two lines and exit status 1 or 2."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from invoke import Collection, Program
from invoke.tasks import Task

from tasklib.base.errors import UserError
from tasklib.cli.arguments import Number
from tasklib.engines.release import archive
from tests.support.postgres import ROOT

NUMBERS = ("x", "", "nan", "inf", "-inf", "1e999", "0x1", "1 2", "9" * 400, "½", "--", "\x1b[2J")
TEXTS = ("", "x'", 'x"', "\x1b[2J", "..", "é\n", "x" * 5000, "a=b=c")
# these go on to dbt, psql, or a question of their own
GO_ELSEWHERE = {"dbt", "psql", "base", "seed", "run", "build", "test", "prune", "plan", "rewrite"}
KEYS = ("engine", "port", "version", "database", "slug", "schema", "archive", "extension", "image")
AWKWARD: tuple[Any, ...] = (None, [], {}, [1], {"a": 1}, -1, 10**20, 0.5, True, "x'", "\x1b", "é\n")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose server doesn't answer."""
    (tmp_path / "tasks.py").symlink_to(ROOT / "tasks.py")
    (tmp_path / "tasklib").symlink_to(ROOT / "tasklib")
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    configure(tmp_path, {})
    (tmp_path / ".env").write_text("PGHOST=127.0.0.1\nPGPORT=1\nPGUSER=me\nPGPASSWORD=secret\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(root: Path, settings: dict[str, Any], **others: Any) -> None:
    known = {"slug": "shop", "schema": "analytics", "engine": "external", "port": 18432}
    (root / "invoke.yaml").write_text(
        yaml.safe_dump({"pgtrickle": {**known, **settings}, **others})
    )


@pytest.fixture(scope="module")
def tasks() -> Iterator[dict[str, Task[Any]]]:
    """The tasks by the names that are typed."""
    sys.path.insert(0, str(ROOT))
    try:
        import tasks as module  # noqa: PLC0415 as invoke loads it
    finally:
        sys.path.remove(str(ROOT))
    found = Collection.from_module(module)
    yield {name: found[name] for name in found.task_names}


def typed(tasks: dict[str, Task[Any]], *words: str) -> tuple[int, str]:
    """The exit status and the output of a command line, in this process."""
    collection, out = Collection(), io.StringIO()
    for name, task in tasks.items():
        collection.add_task(task, name)
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            Program(namespace=collection).run(["invoke", *words])
        except SystemExit as ended:
            status = int(ended.code or 0)
    return status, out.getvalue()


def refused_plainly(status: int, text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    acts = any(character in text for character in ("\x1b", "secret", "Traceback"))
    return status in {1, 2} and 1 <= len(lines) <= 3 and not acts


def arguments(task: Task[Any]) -> Iterator[tuple[str, Any]]:
    for argument in task.get_arguments(ignore_unknown_help=True):
        yield argument.names[0], argument


def test_every_number_of_every_task_says_what_it_takes(
    project: Path, tasks: dict[str, Task[Any]]
) -> None:
    tried = 0
    for name, task in tasks.items():
        for flag, argument in list(arguments(task)):
            if argument.kind in {int, float} or flag == "threads":
                for value in NUMBERS:
                    positional = ["x"] if name == "wait" else []
                    status, text = typed(tasks, name, *positional, f"--{flag}={value}")
                    assert refused_plainly(status, text), (name, flag, value, status, text)
                    assert f"--{flag}" in text, (name, flag, value, text)
                    tried += 1
    assert tried > 12 * len(NUMBERS)


def test_awkward_words_end_in_a_plain_refusal(project: Path, tasks: dict[str, Task[Any]]) -> None:
    (project / "target").mkdir()
    parsed = {"nodes": {}, "sources": {}, "macros": {}, "metadata": {"project_name": "shop"}}
    (project / "target" / "manifest.json").write_text(json.dumps(parsed))
    for name, task in tasks.items():
        if name in GO_ELSEWHERE or (name == "metrics" and not find_spec("prometheus_client")):
            continue
        for flag, argument in list(arguments(task)):
            if argument.kind is not str or flag == "output":
                continue
            for value in TEXTS:
                words = [f"--{flag}={value}"] if not argument.positional else [value or "''"]
                words += ["--yes"] if name in {"down", "upgrade", "drop-all"} else []
                status, text = typed(tasks, name, *words)
                assert refused_plainly(status, text), (name, flag, value, status, text)


def test_what_is_empty_is_refused_by_its_name_before_anything_is_done(
    project: Path, tasks: dict[str, Task[Any]]
) -> None:
    """As a shell's variable without a value; drop-all --schema "$SCHEMA" dropped everything."""
    tried = 0
    for name, task in tasks.items():
        for flag, argument in list(arguments(task)):
            if argument.kind in {str, list} and flag != "threads":
                for empty in ("", " ") if argument.positional else ("",):
                    words = [empty] if argument.positional else [f"--{flag}", empty]
                    status, text = typed(tasks, name, *words)
                    assert (status, " is empty." in text) == (2, True), (name, flag, text)
                    assert refused_plainly(status, text), (name, flag, text)
                    tried += 1
    assert tried > 40
    assert typed(tasks, "verify", ",", "--repair", "--yes")[0] == 2


def test_a_form_for_nobody_is_refused(project: Path, tasks: dict[str, Task[Any]]) -> None:
    status, text = typed(tasks, "freshness", "--notify-as=json")
    assert (status, "--notify-as is for --notify" in text) == (2, True)


@pytest.mark.parametrize("key", KEYS)
def test_awkward_settings_end_in_a_plain_refusal(
    project: Path, tasks: dict[str, Task[Any]], key: str
) -> None:
    for value in AWKWARD:
        for further in ({}, {"engine": "embedded"} if key not in {"engine", "port"} else {}):
            configure(project, {**further, key: value})
            status, text = typed(tasks, "freshness")
            assert refused_plainly(status, text), (key, value, status, text)


@pytest.mark.parametrize("key", ["slug", "schema", "database"])
@pytest.mark.parametrize("word", ["on", "yes", "0x10", "null", "2024-01-01", "true"])
def test_a_name_that_yaml_reads_as_something_else_is_refused(
    project: Path, tasks: dict[str, Task[Any]], key: str, word: str
) -> None:
    settings = {"slug": "shop", "schema": "analytics", "database": "shop", key: word}
    lines = "".join(f"  {name}: {value}\n" for name, value in settings.items())
    (project / "invoke.yaml").write_text(f"pgtrickle:\n{lines}")
    status, told = typed(tasks, "freshness")
    assert status == 2
    assert f"YAML reads {key} as" in told
    quoted = lines.replace(f"{key}: {word}", f"{key}: '{word}'")
    (project / "invoke.yaml").write_text(f"pgtrickle:\n{quoted}")
    assert "YAML reads" not in typed(tasks, "freshness")[1]


@pytest.mark.parametrize(
    "text", ["tasks: null", "run: 5", "- a", "a: [", "\x00", "pgtrickle: 5", ""]
)
def test_a_broken_settings_file_is_told_by_its_name(project: Path, text: str) -> None:
    extra = "" if text in {"- a", "a: [", "\x00", "pgtrickle: 5", ""} else "pgtrickle: {slug: x}\n"
    (project / "invoke.yaml").write_text(extra + text)
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "freshness"], cwd=project, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode in {1, 2}
    assert "Traceback" not in told
    assert "invoke.yaml" in told


def nested(depth: int) -> str:
    return '{"nodes": ' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize(
    "text",
    ['{"nodes": []}', '{"nodes": null}', '{"nodes": {"a": null}}', "[]", "{", "", "null",
     '{"nodes": {"a": {"resource_type": "model", "config": null}}}', nested(100_000)],
)  # fmt: skip
def test_a_manifest_that_is_none_is_told(
    project: Path, tasks: dict[str, Task[Any]], text: str
) -> None:
    (project / "target").mkdir()
    (project / "target" / "manifest.json").write_text(text)
    for name in ("freshness", "refresh", "drop-all"):
        status, told = typed(tasks, name)
        assert refused_plainly(status, told), (name, status, told)
        # a node without a configuration is no stream table's
        assert "manifest.json" in told or '"config": null' in text


@pytest.mark.parametrize("text", ["- a", "a: [", "", "null", "name: [1]\nprofile: {}", "\x00"])
def test_a_broken_project_file_stops_no_task_with_a_traceback(
    project: Path, tasks: dict[str, Task[Any]], text: str
) -> None:
    (project / "dbt_project.yml").write_text(text)
    (project / "profiles.yml").write_text("shop: {outputs: {dev: {role: x}}}")
    for name in ("freshness", "doctor", "status"):
        status, told = typed(tasks, name)
        assert status in {1, 2}, (name, told)
        assert "Traceback" not in told


def test_the_report_into_a_folder_or_nowhere_is_refused(
    tmp_path: Path, tasks: dict[str, Task[Any]]
) -> None:
    from tasklib.base import files  # noqa: PLC0415 beside its use

    for path in (tmp_path, tmp_path / "none" / "report.html"):
        with pytest.raises(UserError, match=re.escape(str(path))), files.explained(path):
            path.write_text("x")


def test_a_reader_that_has_seen_enough_ends_a_task_quietly(project: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m invoke --list 2>&1 | true; "
         f"{sys.executable} -m invoke freshness --json | true"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("flag", ["encrypted", "odd"])
def test_a_zip_that_python_cant_read_is_refused(tmp_path: Path, flag: str) -> None:
    import zipfile  # noqa: PLC0415 beside its use

    path = tmp_path / "pg_trickle.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("lib/x", "x")
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(mark) + at
        content[place + (0 if flag == "encrypted" else 2)] = 1 if flag == "encrypted" else 77
    path.write_bytes(bytes(content))
    with pytest.raises(UserError, match="is broken"):
        archive.unpack(path, tmp_path / "out")


def test_a_number_names_its_range() -> None:
    number = Number("Seconds", 0.5, 10)
    assert str(number) == "Seconds (0.5 to 10)"
    assert number.read("timeout", "0.5") == 0.5
    assert json.dumps(number.read("timeout", 10)) == "10.0"
    with pytest.raises(UserError, match=r"--timeout '11' is not a number from 0\.5 to 10"):
        number.read("timeout", "11")
