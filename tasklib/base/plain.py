"""Text from elsewhere, such as a name in the database, as something that does nothing but show.

Whoever may name a table could otherwise move the cursor, colour a verdict, turn the direction of
what follows, or write a line of their own. Console, errors, logs, JSON and pages come through here,
so this is also where the password in an address or a connection string is left out.
"""

from __future__ import annotations

import re

# control characters, those that turn or part lines, and those that nobody sees
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_BREAKING = re.compile("[\t\n]")
_NAMES = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
# USER:PASSWORD itself is an example; a password may have any sign, a port only digits
_ADDRESS = re.compile(
    r"(?<=://)(?!USER:PASSWORD@)(?:[^\s'\"<>/@]*:(?!\d+/)[^\s'\"<>]*|[^\s'\"<>/@]+)@"
)
_OPTION = re.compile(r"(?i)(\b\w*password=)(?!…)('(?:[^'\\]|\\.)*'|[^\s'\"]+)")


def plain(value: object, *, lines: bool = False) -> str:
    """A value as text in which nothing acts: what would is written as in a Python string.

    It has no password of an address either.

    Args:
        value: anything; None is empty.
        lines: whether it may be more than one.
    """
    text = _ACTING.sub(_written, without_secrets("" if value is None else str(value)))
    return text if lines else _BREAKING.sub(_written, text)


def plain_json(text: str) -> str:
    r"""JSON in which nothing acts either: what json.dumps leaves as it is becomes `\u….`."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", without_secrets(text))


def without_secrets(text: str) -> str:
    """The text without the names and passwords of addresses (scheme://…@), and passwords (…=)."""
    return _OPTION.sub(r"\1…", _ADDRESS.sub("…@", text))


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _NAMES.get(found[0]) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
