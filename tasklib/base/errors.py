"""The one exception that a user may see: what went wrong and what to do."""

from __future__ import annotations

from tasklib.base.findings import Told
from tasklib.base.plain import plain


class UserError(Exception):
    """A mistake or a situation of the user's, told without a traceback.

    Args:
        cause: what is wrong, one sentence.
        remedy: what to type or change, one sentence; empty if there is nothing to do.
        exit_code: the process's exit status (1 a failed check or command, 2 could not check).
    """

    def __init__(self, cause: str, remedy: str = "", exit_code: int = 1) -> None:
        text = f"{cause}\n  {remedy}" if remedy else cause
        super().__init__(plain(text, lines=True))
        self.cause = cause
        self.remedy = remedy
        self.exit_code = exit_code


def refused(row: Told, exit_code: int = 1) -> UserError:
    """What keeps a stream table from what was asked for.

    Args:
        row: what is said of it.
        exit_code: the process's exit status.
    """
    cause = f"{plain(row['subject'])}: {plain(row['cause'])}"
    return UserError(cause, plain(row["remedy"]), exit_code)
