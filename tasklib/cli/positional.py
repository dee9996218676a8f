"""Model names as plain words after a task, none or several: invoke knows only required ones."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from invoke.parser.argument import Argument

from tasklib.cli.arguments import CheckedTask, require_text


class ModelsTask(CheckedTask):
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
    long as that is None), and at the end whether one is missing (if that is None). An option, such
    as --help, is none of them.
    """

    def __init__(self, names: tuple[str, ...], help: str) -> None:
        self.words: list[str] = []
        super().__init__(names=names, help=help, positional=True)

    @property
    def value(self) -> Any:
        """The words, or None to a parser that asks whether it may bring one more, no option."""
        asking = _calling("handle", "see_positional_arg")
        is_option = asking is not None and str(asking.f_locals.get("token", "")).startswith("-")
        return self.words if asking is None or is_option else None

    @value.setter
    def value(self, word: str) -> None:
        words = word.replace(",", " ").split()
        require_text("A name", " ".join(words))
        self.words += words

    def set_value(self, value: Any, cast: bool = True) -> None:
        """Take a word given as an option."""
        del cast
        self.value = value

    @property
    def got_value(self) -> bool:
        """Whether there is a word."""
        return bool(self.words)


def _calling(*functions: str) -> FrameType | None:
    """The frame of the function of one of these names that asks."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(3):
        if frame is None or frame.f_code.co_name in functions:
            return frame
        frame = frame.f_back
    return None
