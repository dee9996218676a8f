"""HTML and SVG as text."""

from __future__ import annotations

import html

from tasklib.base.findings import ERROR, OK, WARN
from tasklib.base.plain import plain

# Fresh is not the same as right, which nothing here has looked at: no green.
COLOURS = {OK: "#3b6fb6", WARN: "#c98a00", ERROR: "#d0342c", "": "#8a8f98"}
# a character of the labels, at their size and in a wide font
CHARACTER = 7.4


def text(value: object) -> str:
    """A value as text of the page, none as nothing."""
    return html.escape(plain(value, lines=True))


def drawing(width: float, height: float, *parts: str) -> str:
    """An SVG of this size, which the page scrolls where it is too wide for it."""
    box = f"width='{width:.0f}' height='{height:.0f}' viewBox='0 0 {width:.0f} {height:.0f}'"
    return f"<div class='drawing'><svg {box} role='img'>{''.join(parts)}</svg></div>"


def legend(colours: dict[str, str]) -> str:
    """What the colours mean.

    Args:
        colours: names with their colours.
    """
    entries = (
        f"<span><i style='background:{colour}'></i>{text(name)}</span>"
        for name, colour in colours.items()
    )
    return f"<p class='legend'>{''.join(entries)}</p>"
