"""Rows for people: a table where its columns fit side by side, each row by itself where not."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Cells = Sequence[Text]
GAP = 2
# narrower than this, sentences are no pleasure to read
PROSE = 32


def table(titles: Sequence[str], rows: Sequence[Cells], width: int) -> RenderableType:
    """Lay rows out so that no name breaks.

    Args:
        titles: of the columns; empty before that of the names, and the last one's cells are prose.
        rows: a cell for each column.
        width: columns of the terminal.
    """
    *names, prose = zip(titles, *rows, strict=True)
    needed = sum(_widest(column) + GAP for column in names) + min(_widest(prose), PROSE)
    if needed > width:
        return Group(*(line for cells in rows for line in _stacked(titles, cells)))
    shown = Table(box=None, pad_edge=False, header_style="bold", show_header=any(titles))
    for title in titles[:-1]:
        shown.add_column(title, no_wrap=True)
    shown.add_column(titles[-1], overflow="fold")
    for cells in rows:
        shown.add_row(*cells)
    return shown


def _widest(column: Sequence[str | Text]) -> int:
    lines = [line for cell in column for line in str(cell).splitlines()]
    return max(map(cell_len, lines), default=0)


def _stacked(titles: Sequence[str], cells: Cells) -> list[RenderableType]:
    """What it is in the first line, the figures with their titles and the sentences below."""
    named = [place for place, title in enumerate(titles) if title]
    head = named[0] + 1 if named else len(titles) - 1
    figures = [
        f"{title} {cell}".strip()
        for title, cell in zip(titles[head:-1], cells[head:-1], strict=True)
        if cell
    ]
    below = [Text(", ".join(figures), style="dim"), cells[-1]]
    first = Text("  ").join(cells[:head])
    return [first, *(Padding(text, (0, 0, 0, GAP)) for text in below if text)]
