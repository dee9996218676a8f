"""What reads what, from the tables on the left to the stream tables and views on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasklib.base.findings import ERROR, OK, WARN, Judged
from tasklib.catalog.rows import Lineage
from tasklib.tasks.report.svg import CHARACTER, COLOURS, drawing, legend, text

ROW, HEIGHT, GAP = 30.0, 22.0, 70.0
NAMES = {
    "fresh (invoke verify tells whether it is right)": COLOURS[OK],
    "warning": COLOURS[WARN],
    "error": COLOURS[ERROR],
    "a source or a view, or not looked at": COLOURS[""],
}


def graph(relations: Sequence[Lineage], verdicts: Mapping[str, Judged]) -> str:
    """The graph as SVG; each relation has a place of its own, its label inside.

    Args:
        relations: rows of pgtrickle__lineage.
        verdicts: of those that were judged, by name: verdict and cause.
    """
    if not relations:
        return "<p>There is no stream table.</p>"
    columns = _columns(relations)
    places, width = _places(columns)
    height = max(map(len, columns)) * ROW + ROW / 2
    edges = [
        _edge(places[read], places[row["relid"]]) for row in relations for read in row["reads"]
    ]
    boxes = [
        _box(places[row["relid"]], row, verdicts.get(row["subject"]))
        for column in columns
        for row in column
    ]
    return drawing(width, height, *edges, *boxes) + legend(NAMES)


def _columns(relations: Sequence[Lineage]) -> list[list[Lineage]]:
    """The relations by how far they are from the tables, in each column near to what they read."""
    levels = _levels({row["relid"]: row["reads"] for row in relations})
    columns: list[list[Lineage]] = [[] for _ in range(max(levels.values()) + 1)]
    for row in relations:
        columns[levels[row["relid"]]].append(row)
    spots: dict[int, float] = {}
    for column in columns:
        column.sort(key=lambda row: (_middle(row, spots), row["subject"]))
        spots |= {row["relid"]: place / len(column) for place, row in enumerate(column)}
    return columns


def _levels(reads: Mapping[int, Sequence[int]]) -> dict[int, int]:
    levels = dict.fromkeys(reads, 0)
    # no way is longer than this, unless it is a circle
    for _ in reads:
        deeper = {
            relid: max((levels[source] + 1 for source in sources), default=0)
            for relid, sources in reads.items()
        }
        if deeper == levels:
            break
        levels = deeper
    return {relid: min(level, len(reads) - 1) for relid, level in levels.items()}


def _middle(row: Lineage, spots: Mapping[int, float]) -> float:
    known = [spots[read] for read in row["reads"] if read in spots]
    return sum(known) / len(known) if known else 0.0


def _places(
    columns: Sequence[Sequence[Lineage]],
) -> tuple[dict[int, tuple[float, float, float]], float]:
    """Left, middle and width of each box, and the width of all."""
    places: dict[int, tuple[float, float, float]] = {}
    left = 2.0
    for column in columns:
        for place, row in enumerate(column):
            places[row["relid"]] = (left, ROW * (place + 0.75), _width(row))
        left += max(map(_width, column), default=0.0) + GAP
    return places, left - GAP + 2


def _width(row: Lineage) -> float:
    return len(row["subject"]) * CHARACTER + 16


def _edge(source: tuple[float, float, float], reader: tuple[float, float, float]) -> str:
    start, end = source[0] + source[2], reader[0]
    bend = GAP / 2
    return (
        f"<path d='M{start:.0f},{source[1]:.0f} C{start + bend:.0f},{source[1]:.0f} "
        f"{end - bend:.0f},{reader[1]:.0f} {end:.0f},{reader[1]:.0f}'/>"
    )


def _box(place: tuple[float, float, float], row: Lineage, judged: Judged | None) -> str:
    left, middle, width = place
    is_own = row["kind"] == "stream table"
    verdict = ERROR if row["kind"] == "gone" else judged["verdict"] if judged else ""
    # of a table nothing is known but whether its changes are captured
    colour = COLOURS["" if verdict == OK and not is_own else verdict]
    told = ": ".join(filter(None, (row["kind"], judged and judged["cause"])))
    style = f"fill='{colour}'" if is_own else f"fill='#fff' stroke='{colour}'"
    return (
        f"<g><title>{text(told)}</title>"
        f"<rect x='{left:.0f}' y='{middle - HEIGHT / 2:.0f}' width='{width:.0f}' "
        f"height='{HEIGHT:.0f}' rx='4' {style}/>"
        f"<text x='{left + 8:.0f}' y='{middle + 4:.0f}' fill='{'#fff' if is_own else colour}'>"
        f"{text(row['subject'])}</text></g>"
    )
