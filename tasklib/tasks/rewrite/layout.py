"""A tree as people write SQL: in lines, keywords in the case of the file, comments after `--`."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres

from tasklib.tasks.rewrite.tree import Tree

COMMENT = re.compile(r"/\* (?P<text>.*?) \*/(?P<rest>,?)[ \t]*$", re.MULTILINE)
AFTER_CTES = re.compile(r"^\)\n(?=SELECT)", re.MULTILINE)
# words that are tokens of their own kind, but no keywords
VALUES = {"STRING", "IDENTIFIER", "VAR", "NUMBER", "PARAMETER", "DOLLAR", "HEREDOC_STRING"}


# sqlglot makes its class while it runs
Written: Any = Postgres.Generator


def _cast(generator: Tree, node: Tree) -> str:
    if isinstance(node.this, (exp.Column, exp.Func, exp.Paren, exp.Literal, exp.Null)):
        return f"{generator.sql(node, 'this')}::{generator.sql(node, 'to')}"
    return str(generator.cast_sql(node)).replace("CAST(", generator.normalize_func("cast") + "(", 1)


def _not(generator: Tree, node: Tree) -> str:
    inner = node.this
    if isinstance(inner, exp.Is):
        return f"{generator.sql(inner, 'this')} IS NOT {generator.sql(inner, 'expression')}"
    written = str(generator.not_sql(node))
    if isinstance(inner, exp.In):
        value = generator.sql(inner, "this")
        return f"{value} NOT {str(generator.sql(inner))[len(value) + 1 :]}"
    return written


class Layout(Postgres):
    """PostgreSQL's SQL with its usual words: numeric, IS NOT NULL, NOT IN."""

    class Generator(Written):  # type: ignore[misc]
        """Writes what sqlglot writes otherwise."""

        TRANSFORMS: ClassVar = {
            **Written.TRANSFORMS,
            exp.Not: _not,
            exp.Cast: _cast,
        }
        TYPE_MAPPING: ClassVar = {
            **Written.TYPE_MAPPING,
            exp.DataType.Type.DECIMAL: "NUMERIC",
        }


def laid_out(tree: Tree, *, upper: bool = False) -> str:
    """A tree's SQL in lines.

    Args:
        tree: a query.
        upper: keywords in upper case.
    """
    case = "upper" if upper else "lower"
    written = tree.sql(dialect=Layout, pretty=True, indent=4, pad=4, normalize_functions=case)
    written = COMMENT.sub(lambda found: f"{found['rest']} -- {found['text']}".lstrip(), written)
    written = AFTER_CTES.sub(")\n\n", written)
    return written if upper else _lowered(written)


def _lowered(written: str) -> str:
    """Keywords and types in lower case; names, strings and comments as they are."""
    parts, done = [], 0
    for token in Postgres().tokenize(written):
        if token.token_type.name not in VALUES:
            parts += [written[done : token.start], written[token.start : token.end + 1].lower()]
            done = token.end + 1
    return "".join([*parts, written[done:]])
