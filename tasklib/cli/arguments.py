"""How a task's argument says what it takes: its meaning, its type and its range, in one place."""

from __future__ import annotations

import math
from typing import Any

from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from tasklib.base.errors import UserError


class Number(str):
    """The help text of an argument that is a number, with what it may be.

    Args:
        meaning: what it means, with its unit.
        least: the smallest.
        most: the largest.
        whole: whether it has no fraction.
    """

    least: float
    most: float
    whole: bool

    def __new__(cls, meaning: str, least: float, most: float, *, whole: bool = False) -> Number:
        """Make the text, which names the range too."""
        made = super().__new__(cls, f"{meaning} ({least:.12g} to {most:.12g})")
        made.least, made.most, made.whole = least, most, whole
        return made

    def __deepcopy__(self, _memo: object) -> Number:
        """The same: invoke copies what it was given."""
        return self

    def read(self, name: str, given: object) -> float:
        """The number that was given.

        Args:
            name: the argument's, as it is typed.
            given: what was typed, or the default.

        Raises:
            UserError: (exit status 2) it is none, or out of range.
        """
        try:
            value = int(str(given)) if self.whole else float(str(given))
        except ValueError:
            value = math.nan
        if not self.least <= value <= self.most:
            kind = "a whole number" if self.whole else "a number"
            raise UserError(
                f"--{name} {str(given)[:80]!r} is not {kind} from {self.least:.12g} to "
                f"{self.most:.12g}.",
                "Write a number within that; invoke --help TASK says what it means.",
                2,
            )
        return value


class CheckedTask(Task):  # type: ignore[type-arg]
    """A task whose numbers are read by what their help says, and whose texts aren't empty."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """The arguments of the function's signature, numbers as they are typed."""
        kept = dict(self.help)
        found = super().get_arguments(ignore_unknown_help)
        # invoke takes the texts away as it reads them
        self.help = kept
        return [_checked(one) for one in found]


def require_text(name: str, value: object) -> None:
    """Refuse what is empty: a shell's variable without a value would mean something else, or all.

    Args:
        name: the argument's, as it is typed.
        value: what was typed.

    Raises:
        Exit: (exit status 2) it is empty.
    """
    if not str(value).strip():
        raise Exit(f"{name} is empty.\n  Give it a value, or leave it out.", code=2)


def _checked(argument: Argument) -> Argument:
    if isinstance(argument.help, Number):
        return _Typed(argument)
    return Text(argument) if argument.kind is str else argument


class Text(Argument):
    """An argument that is no empty text.

    Args:
        of: the argument without that.
    """

    def __init__(self, of: Argument) -> None:
        super().__init__(
            names=of.names, kind=str, default=of.default, help=of.help, optional=of.optional,
            attr_name=of.attr_name, positional=of.positional,
        )  # fmt: skip

    def set_value(self, value: Any, cast: bool = True) -> None:
        """Take a word."""
        require_text(str(self.name) if self.positional else f"--{self.name}", value)
        super().set_value(value, cast=cast)


class _Typed(Argument):
    """An argument that stays as it was typed."""

    def __init__(self, of: Argument) -> None:
        super().__init__(
            names=of.names, kind=int if of.help.whole else float, default=of.default,  # type: ignore[union-attr]
            help=of.help, attr_name=of.attr_name, positional=of.positional,
        )  # fmt: skip

    def set_value(self, value: Any, cast: bool = True) -> None:
        """Take a word."""
        super().set_value(value, cast=False)
        del cast
