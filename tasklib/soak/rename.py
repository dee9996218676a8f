"""Leading a query's relations to their copies, without touching anything else of its text."""

from __future__ import annotations

import re
from collections.abc import Mapping

_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_TOKENS = re.compile(
    rf"""
    [eE]?'(?:[^'\\]|''|\\.)*' | --[^\n]* | /\*.*?\*/ | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | (?P<name>{_IDENTIFIER}(?:\s*\.\s*{_IDENTIFIER})+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(_IDENTIFIER)


def rename_relations(query: str, copies: Mapping[tuple[str, str], str]) -> str:
    """Replace `schema.relation`, also with a database before or a column after it.

    Args:
        query: SQL.
        copies: what to write for a (schema, relation).
    """

    def replace(match: re.Match[str]) -> str:
        name = match.group("name")
        if not name:
            return match.group()
        parts = list(_PART.finditer(name))
        folded = [_fold(part.group()) for part in parts]
        for first in (0, 1):
            copy = (
                copies.get((folded[first], folded[first + 1])) if len(folded) > first + 1 else None
            )
            if copy:
                return copy + name[parts[first + 1].end() :]
        return name

    return _TOKENS.sub(replace, query)


def _fold(identifier: str) -> str:
    if identifier.startswith('"'):
        return identifier[1:-1].replace('""', '"')
    return identifier.lower()
