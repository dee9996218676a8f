"""How .env is read and written: whole, private, and without loss."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tasklib.base import env_file
from tasklib.base.errors import UserError


@pytest.fixture
def env(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_a_missing_file_has_no_variables(env: Path) -> None:
    assert env_file.read(env) == {}


def test_a_new_file_is_readable_by_its_owner_only(env: Path) -> None:
    former = os.umask(0)
    try:
        env_file.update(env, {"PGPORT": "1"})
    finally:
        os.umask(former)
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_an_open_file_is_closed_even_if_nothing_else_changes(env: Path) -> None:
    env.write_text("PGPORT=1\n")
    env.chmod(0o644)
    env_file.update(env, {"PGPORT": "1"})
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_other_lines_stay_as_they_were_in_their_order(env: Path) -> None:
    env.write_text("# a comment\nAPI_KEY = 'a # b'\n\nexport PGPORT=1 # old\nLAST=x=y\n")
    env_file.update(env, {"PGPORT": "2", "PGHOST": "localhost"})
    assert env.read_text() == (
        "# a comment\nAPI_KEY = 'a # b'\n\nPGPORT=2\nLAST=x=y\nPGHOST=localhost\n"
    )


def test_an_unchanged_file_is_not_touched(env: Path) -> None:
    env_file.update(env, {"PGPORT": "1"})
    before = env.stat()
    env_file.update(env, {"PGPORT": "1"})
    assert (env.stat().st_ino, env.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_variable_that_stands_twice_is_set_once(env: Path) -> None:
    env.write_text("PGPORT=1\nPGPORT=2\n")
    env_file.update(env, {"PGPORT": "3"})
    assert env.read_text() == "PGPORT=3\n"


@pytest.mark.parametrize(
    "value",
    ["plain", "with space", "it's", 'a "b"', "a\\b", "#no comment", "$HOME ${X}", "ä=ö", ""],
)
def test_every_value_is_read_as_it_was_written(env: Path, value: str) -> None:
    env_file.update(env, {"KEY": value})
    assert env_file.read(env) == {"KEY": value}
    assert dotenv_values(env, interpolate=False) == {"KEY": value}


def test_a_write_that_fails_leaves_the_former_file_and_nothing_beside_it(
    env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.write_text("API_KEY=kept\n")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UserError, match="No space left"):
        env_file.update(env, {"PGPORT": "1"})
    assert env.read_text() == "API_KEY=kept\n"
    assert list(env.parent.iterdir()) == [env]


def test_a_file_that_is_no_text_is_told(env: Path) -> None:
    env.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="can't be read"):
        env_file.read(env)


def test_where_a_name_stands_twice_the_one_that_counts_stays(env: Path) -> None:
    env.write_text("PGPASSWORD=old\nOTHER=x\nPGPASSWORD=new\n")
    assert env_file.read(env)["PGPASSWORD"] == "new"
    env_file.update(env, {"PGPASSWORD": "new", "PGPORT": "1"})
    assert env.read_text() == "OTHER=x\nPGPASSWORD=new\nPGPORT=1\n"


def test_lines_within_a_quoted_value_are_no_assignments(env: Path) -> None:
    text = "NOTE='first\nPGPORT=9\nlast'\n"
    env.write_text(text)
    env_file.update(env, {"PGPORT": "1"})
    assert env.read_text() == text + "PGPORT=1\n"


def test_a_line_that_is_no_assignment_is_told_once_with_its_number(env: Path) -> None:
    env.write_text("PGPORT=1\n\nwhat's this\n")
    with pytest.raises(UserError, match="line 3: that is no NAME=VALUE"):
        env_file.read(env)
