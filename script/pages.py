"""The pages of docs/ that are made from the code: python script/pages.py writes them; tests/rooms/test_pages.py holds them to it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml
from invoke.collection import Collection
from invoke.parser import ParserContext

ROOT = Path(__file__).parents[1]
MADE = "<!-- made by script/pages.py; change what it reads -->"
SETTINGS = """# Settings

{made}

Each works in a model's `config`, in its `config.meta` and for whole folders in `dbt_project.yml`. All are checked before anything is
sent (PGT001 to PGT003); a key that is one slip of the pen away from one of these is named (PGT004); what the installed pg_trickle
has no argument for is left out with a warning (PGT006). A setting that is taken away again goes back to its default.

    models:
      my_project:
        marts:
          +materialized: stream_table
          +schedule: 1m

## Of the stream table

pg_trickle's own, under its names. `since` is the first version that has it as an argument; `change`: in place, or by a rebuild.

{own}

## Of dbt's handling

{options}

Besides: `stream_table_name` and `stream_table_schema` name it otherwise than dbt would (upstream's names); `indexes`, `grants`,
`persist_docs`, `contract` (PGT040, PGT041), `tags`, `enabled` and hooks are dbt's own and do what they do for a table.
"""
TASKS = """# Tasks

{made}

`invoke --list` names them, `invoke --help TASK` says this of one. A flag's `_` is a `-`. Names of models are dbt's or the stream table's,
separated by spaces or commas. What they print with `--json`: [json.md](json.md). Exit status: 0, 1 for a problem or a failed command,
2 where no verdict is possible or the call itself is wrong. `PGTRICKLE_DEBUG=1` in the environment has the way to an error shown too.

{tasks}"""


class _Returned(Exception):  # noqa: N818 it is none
    def __init__(self, value: Any) -> None:
        self.value = value


def macro(room: str, name: str) -> Any:
    """What a macro without arguments returns.

    Args:
        room: the folder of macros/ that it is in.
        name: its name.
    """

    def give(value: Any) -> None:
        raise _Returned(value)

    text = (ROOT / "macros" / room / f"{name}.sql").read_text(encoding="utf-8")
    module = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text)  # noqa: S701 no HTML
    try:
        getattr(module.make_module({"return": give}), name)()
    except _Returned as returned:
        return returned.value
    raise ValueError(f"{name} returns nothing")


def settings() -> str:
    """docs/settings.md."""
    said = yaml.safe_load((ROOT / "docs" / "settings.yml").read_text(encoding="utf-8"))
    own, options = (
        macro("settings", "pgtrickle__setting_specs"),
        macro("settings", "pgtrickle__options"),
    )
    if unknown := said.keys() ^ (own.keys() | options.keys()):
        raise ValueError(f"docs/settings.yml: {', '.join(sorted(unknown))}")
    return SETTINGS.format(
        made=MADE,
        own=_table(
            ("setting", "what", "type", "default", "since", "change", "example"),
            (
                (f"`{key}`", said[key][0], _type(spec), _value(spec["default"]), _since(key),
                 {"alter": "in place", "replace": "rebuild", "none": "when made"}[spec["change"]], f"`{said[key][1]}`")
                for key, spec in own.items()
            ),
        ),
        options=_table(
            ("option", "what", "type", "default", "example"),
            ((f"`{key}`", said[key][0], _type(spec), _value(spec["default"]), f"`{said[key][1]}`") for key, spec in options.items()),
        ),
    )  # fmt: skip


def tasks() -> str:
    """docs/tasks.md."""
    sys.path.insert(0, str(ROOT))
    import tasks as module  # noqa: PLC0415 its folder isn't on the path before

    collection = Collection.from_module(module)
    return TASKS.format(
        made=MADE,
        tasks="\n".join(_task(name, collection[name]) for name in sorted(collection.tasks)),
    )


def _task(name: str, task: Any) -> str:
    context = ParserContext(name=name, args=task.get_arguments())
    flags = [f"| `{flag}` | {text} |" for flag, text in context.help_tuples()]
    given = "".join(f" {argument.name.upper()}" for argument in context.positional_args)
    lines = [f"## {name}", "", f"`invoke {name}{given}`: {(task.__doc__ or '').strip()}", ""]
    return "\n".join([*lines, *(["| flag | |", "|---|---|", *flags, ""] if flags else [])])


def _table(titles: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, ("---",) * len(titles), *rows])


def _type(spec: Mapping[str, Any]) -> str:
    if spec["kind"] == "enum":
        return ", ".join(f"`{one}`" for one in spec["allowed"])
    if spec["kind"] in ("int", "float"):
        lowest, highest = spec["allowed"]
        kind = "whole number" if spec["kind"] == "int" else "number"
        return f"{kind} from {lowest}" + ("" if highest is None else f" to {highest}")
    return {"bool": "`true`, `false`", "text": "text", "schedule": "duration or cron"}[spec["kind"]]


def _value(value: Any) -> str:
    return (
        "the server's"
        if value is None
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def _since(key: str) -> str:
    """The first version of which an argument has that name; the tests know the versions."""
    path = ROOT / "tests" / "materialization" / "versions.json"
    if not path.exists():
        return ""
    for version, functions in json.loads(path.read_text(encoding="utf-8")).items():
        if key in {*functions["create_stream_table"], *functions["alter_stream_table"]}:
            return str(version)
    return "newer"


PAGES = {"docs/settings.md": settings, "docs/tasks.md": tasks}

if __name__ == "__main__":
    for path, page in PAGES.items():
        (ROOT / path).write_text(page(), encoding="utf-8")
        print(f"written: {path}")
