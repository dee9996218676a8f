"""dbt's selectors on a task's command line: several words after --select, as dbt takes them."""

from __future__ import annotations

import sys
from typing import Any

from invoke.parser.argument import Argument

from tasklib.cli.arguments import CheckedTask, require_text


class Selectors(Argument):
    """An option whose value is every word up to the next option or the next task.

    invoke's parser gives an option one word, unless it has no value yet. It looks for that in
    raw_value when it has a word to place.
    """

    _raw: Any

    def __init__(self, names: tuple[str, ...], help: str | None = None) -> None:
        super().__init__(names=names, kind=list, help=help)

    @property
    def raw_value(self) -> Any:
        """The latest word; none while there is none, or to a parser that has another for it."""
        return None if not self._raw or _parser_has_a_word() else self._raw

    @raw_value.setter
    def raw_value(self, word: Any) -> None:
        if isinstance(word, str):
            require_text(f"--{self.name}", word)
        self._raw = word


class SelectingTask(CheckedTask):
    """A task whose parameters select and exclude take several words each."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """The arguments of the function's signature, those two as selectors."""
        return [
            Selectors(argument.names, argument.help)
            if argument.name in {"select", "exclude"}
            else argument
            for argument in super().get_arguments(ignore_unknown_help)
        ]


def _parser_has_a_word() -> bool:
    frame = sys._getframe(3)
    if frame.f_code.co_name != "handle":
        return False
    word = frame.f_locals["token"]
    return not word.startswith("-") and word not in frame.f_locals["self"].contexts
