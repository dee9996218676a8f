"""Figures over time as lines, and figures of now as bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from tasklib.tasks.report.svg import drawing, legend, text

WIDTH, HEIGHT = 1060.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 80.0, 20.0, 12.0, 26.0
PALETTE = (
    "#3b6fb6", "#c98a00", "#7b4fa6", "#008a8a", "#b0446e", "#5d6b7a", "#8a5a2b", "#4a58c9",
)  # fmt: skip
NOTHING = "<p>Nothing is known.</p>"
# of more than these no point is shown by itself
MANY = 400

Point = tuple[datetime, float]


def over_time(series: Mapping[str, Sequence[Point]], shown: Callable[[float], str]) -> str:
    """One line for each name.

    Args:
        series: points by name, in the order of time.
        shown: a value as people read it.
    """
    points = [point for line in series.values() for point in line]
    if not points:
        return NOTHING
    begin, end = min(moment for moment, _ in points), max(moment for moment, _ in points)
    span = max((end - begin).total_seconds(), 1.0)
    highest = max(value for _, value in points) or 1.0

    def spot(point: Point) -> tuple[float, float]:
        share = (point[0] - begin).total_seconds() / span
        across = LEFT + share * (WIDTH - LEFT - RIGHT)
        return across, TOP + (1 - point[1] / highest) * (HEIGHT - TOP - BOTTOM)

    colours = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(sorted(series))}
    lines = []
    for name, line in series.items():
        at = [spot(point) for point in line]
        drawn = " ".join(f"{across:.1f},{down:.1f}" for across, down in at)
        stroke = f"stroke='{colours[name]}'"
        lines.append(f"<polyline points='{drawn}' {stroke}><title>{text(name)}</title></polyline>")
        for (across, down), (moment, value) in zip(at, line, strict=True):
            if len(points) <= MANY or len(line) == 1:
                told = f"{name}, {moment:%Y-%m-%d %H:%M:%S}: {shown(value)}"
                lines.append(
                    f"<circle cx='{across:.1f}' cy='{down:.1f}' r='2.5' fill='{colours[name]}'>"
                    f"<title>{text(told)}</title></circle>"
                )
    axes = _across(begin, span) + _down(highest, shown)
    return drawing(WIDTH, HEIGHT, axes, *lines) + legend(colours)


def bars(values: Mapping[str, float], shown: Callable[[float], str]) -> str:
    """One bar for each name, as long as its value.

    Args:
        values: by name.
        shown: a value as people read it.
    """
    if not values:
        return NOTHING
    highest = max(values.values()) or 1.0
    rows = (
        f"<tr><td>{text(name)}</td><td class='bar'>"
        f"<i style='width:{value / highest * 100:.1f}%'></i></td><td>{text(shown(value))}</td></tr>"
        for name, value in values.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _across(begin: datetime, span: float) -> str:
    layout = "%H:%M:%S" if span < 600 else "%H:%M" if span < 86400 else "%m-%d %H:%M"
    marks = []
    for step in range(6):
        moment = begin + timedelta(seconds=span * step / 5)
        across = LEFT + step / 5 * (WIDTH - LEFT - RIGHT)
        anchor = {0: "start", 5: "end"}.get(step, "middle")
        marks.append(
            f"<text class='axis' x='{across:.0f}' y='{HEIGHT - 8:.0f}' text-anchor='{anchor}'>"
            f"{moment:{layout}}</text>"
        )
    return "".join(marks)


def _down(highest: float, shown: Callable[[float], str]) -> str:
    marks = []
    for share in (0.0, 0.5, 1.0):
        down = TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)
        marks.append(
            f"<path class='grid' d='M{LEFT:.0f},{down:.0f} H{WIDTH - RIGHT:.0f}'/>"
            f"<text class='axis' x='{LEFT - 8:.0f}' y='{down + 4:.0f}' text-anchor='end'>"
            f"{text(shown(highest * share))}</text>"
        )
    return "".join(marks)
