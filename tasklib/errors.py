"""The one exception that a user may see: what went wrong and what to do."""

from __future__ import annotations


class UserError(Exception):
    """A mistake or a situation of the user's, told without a traceback.

    Args:
        cause: what is wrong, one sentence.
        remedy: what to type or change, one sentence; empty if there is nothing to do.
        exit_code: the process's exit status (1 a failed check or command, 2 could not check).
    """

    def __init__(self, cause: str, remedy: str = "", exit_code: int = 1) -> None:
        super().__init__(f"{cause}\n  {remedy}" if remedy else cause)
        self.cause = cause
        self.remedy = remedy
        self.exit_code = exit_code
