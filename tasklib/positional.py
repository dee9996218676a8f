"""Model names as plain words after a task, none or several: invoke knows only required ones."""

from __future__ import annotations

import sys
from typing import Any

from invoke.parser.argument import Argument
from invoke.tasks import Task


class ModelsTask(Task):  # type: ignore[type-arg]
    """A task whose parameter `models` takes every word that follows; a list, perhaps empty."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """The arguments of the function's signature, `models` first and as plain words."""
        others = super().get_arguments(ignore_unknown_help)
        help_text = self.help.get("models") or "Models or stream tables; by default all"
        return [
            _Words(names=("models",), help=help_text),
            *(argument for argument in others if argument.name != "models"),
        ]


class _Words(Argument):
    """The words collected so far.

    invoke's parser asks for the value to learn two things: whether it may bring one more word (as
    long as that is None), and at the end whether one is missing (if that is None).
    """

    def __init__(self, names: tuple[str, ...], help: str) -> None:
        self.words: list[str] = []
        super().__init__(names=names, help=help, positional=True)

    @property
    def value(self) -> Any:
        """The words, or None to a parser that asks whether it may bring another."""
        return None if _called_from("handle", "see_positional_arg") else self.words

    @value.setter
    def value(self, word: str) -> None:
        self.words += word.replace(",", " ").split()

    def set_value(self, value: Any, cast: bool = True) -> None:
        """Take a word given as an option."""
        del cast
        self.value = value

    @property
    def got_value(self) -> bool:
        """Whether there is a word."""
        return bool(self.words)


def _called_from(*functions: str) -> bool:
    frame = sys._getframe(2)
    for _ in range(3):
        if frame.f_code.co_name in functions:
            return True
        if frame.f_back is None:
            break
        frame = frame.f_back
    return False
