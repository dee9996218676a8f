"""What was found, one line each, and what to do about it, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.text import Text

from tasklib.base.display import MARKS, cell, console, print_json
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WORST_FIRST, Finding, counted, worst
from tasklib.base.table import table

COULD_NOT_CHECK = 2


def guarded(name: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of one look; what keeps it from looking is a finding as well.

    Args:
        name: what is looked at.
        look: gives the findings.
    """
    try:
        yield from look()
    except UserError as error:
        cause = error.cause.rstrip(".")
        yield Finding(name, ERROR, cause, error.remedy, checked=error.exit_code != COULD_NOT_CHECK)
    except Exception as error:  # a doctor that falls ill helps nobody
        cause = f"couldn't be looked at: {error.__class__.__name__}: {error}"
        yield Finding(name, ERROR, cause, checked=False)


def show(found: Sequence[Finding], *, as_json: bool) -> int:
    """Print the findings, and give the exit status: 0 fine, 1 something wrong, 2 couldn't check.

    Args:
        found: the findings, in the order of the screen.
        as_json: print one JSON document instead.
    """
    verdicts = [one.verdict for one in found]
    wrong = [one for one in found if one.verdict == ERROR]
    status = 1 if any(one.checked for one in wrong) else COULD_NOT_CHECK if wrong else 0
    if as_json:
        print_json("doctor", worst(verdicts), [one.row() for one in found])
        return status
    out = console()
    rows = []
    for one in found:
        words, style = MARKS[one.verdict]
        rows.append((Text(words[0], style=style), cell(one.subject), cell(one.cause)))
    out.print(table(("", "", ""), rows, out.width))
    todo = sorted(
        (one for one in found if one.verdict != OK and one.remedy),
        key=lambda one: WORST_FIRST.index(one.verdict),
    )
    if todo:
        out.print(Text("\nto do:", style="bold"))
    for one in todo:
        words, style = MARKS[one.verdict]
        remedy = one.remedy.replace("\n", "\n    ")
        out.print(Text.assemble((words[0], style), f" {one.subject}: {remedy}"))
    out.print(Text(f"doctor: {counted(verdicts)}", style=MARKS[worst(verdicts)][1]))
    return status
