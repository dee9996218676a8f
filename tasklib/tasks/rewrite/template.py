"""A model's file and its query: what dbt made of the one is led back into it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tasklib.tasks.rewrite.layout import laid_out
from tasklib.tasks.rewrite.tree import DIALECT, Tree, name_of, parse

JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
# what may stand before the query: comments, config(), set
HEADER = re.compile(
    r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\{#.*?#\}|\{%-?\s*set\b.*?%\}|\{\{-?\s*config\s*\(.*?\}\})*",
    re.DOTALL,
)
SET = re.compile(r"\{%-?\s*set\b.*?%\}\s*", re.DOTALL)
PLACE = re.compile(r"jinja_(\d+)_place")
# how a node remembers the Jinja that it was made by
MADE_BY = "pgtrickle_jinja"


class NotMappedError(Exception):
    """Why a model's query can't be led back into its file."""


@dataclass
class Template:
    """What of a model's file isn't SQL.

    Args:
        header: what stands before the query, as it is.
        upper: whether its keywords are in upper case.
        tables: the Jinja that names a relation, by (schema, name).
    """

    header: str = ""
    upper: bool = False
    tables: dict[tuple[str, str], str] = field(default_factory=dict)

    def body(self, tree: Tree) -> str:
        """A query in the file's own terms.

        Args:
            tree: a query whose tables and marked nodes came from this file.
        """
        tree, jinja = tree.copy(), list(self.tables.values())
        for table in list(tree.find_all(exp.Table)):
            if name_of(table) in self.tables:
                place: Tree = exp.to_table(_place(jinja.index(self.tables[name_of(table)])))
                # what has no schema is a part of the model, whose relation has a longer name
                alias = table.alias or ("" if table.db else table.name)
                if alias:
                    place = exp.alias_(place, alias, table=True)
                place.comments = table.comments
                table.replace(place)
        for node in list(tree.find_all(exp.Expression)):
            if MADE_BY in node.meta and node.parent is not None:
                jinja.append(node.meta[MADE_BY])
                node.replace(exp.column(_place(len(jinja) - 1)))
        written = laid_out(tree, upper=self.upper)
        return PLACE.sub(lambda found: jinja[int(found[1])], written) + "\n"

    def lost(self, trees: Sequence[Tree], given: Tree) -> list[str]:
        """The Jinja within the given query that these trees no longer have."""
        held = {node.meta.get(MADE_BY) for tree in trees for node in tree.find_all(exp.Expression)}
        made = {node.meta.get(MADE_BY) for node in given.find_all(exp.Expression)}
        return sorted(made - held - {None})


def read_template(raw: str, compiled: str) -> tuple[Template, Tree]:
    """A model's file as a template, and its query's tree with the Jinja that made its parts.

    Args:
        raw: the file.
        compiled: what dbt made of it.

    Raises:
        NotMappedError: Jinja makes more of the query than relations and values.
        sqlglot.errors.SqlglotError: sqlglot can't read the compiled query.
    """
    tree = parse(compiled)
    header = HEADER.match(raw)
    start = header.end() if header else 0
    template = Template(raw[:start], bool(re.search(r"\bSELECT\b", raw[start:])))
    jinja: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[0].startswith("{%"):
            raise NotMappedError(f"Jinja makes its SQL: {_short(found[0])}")
        jinja.append(found[0])
        name = _place(len(jinja) - 1)
        return f"/* {name} */" if found[0].startswith("{#") else name

    body = JINJA.sub(place, raw[start:])
    try:
        pattern = sqlglot.parse_one(body.rstrip().rstrip(";"), read=DIALECT)
    except SqlglotError:
        raise NotMappedError("it is no SQL without what Jinja makes") from None
    _align(pattern, tree, template, jinja)
    return template, tree


def written_out(raw: str, compiled: str, relations: Mapping[str, tuple[str, str]]) -> Template:
    """A model's file as a template of which only the relations are kept, all else is written out.

    Args:
        raw: the file.
        compiled: what dbt made of it.
        relations: (schema, name) by the text of ref() or source().
    """
    header = HEADER.match(raw)
    start = header.end() if header else 0
    kept = SET.sub("", raw[:start])
    named = {place: f"{{{{ {call} }}}}" for call, place in relations.items()}
    return Template(kept, bool(re.search(r"\bSELECT\b", compiled)), named)


def _align(pattern: Tree, made: Tree, template: Template, jinja: list[str]) -> None:
    """Walk both trees at once, and note what stands in the place of each piece of Jinja."""
    made.comments = [_restored(comment, jinja) for comment in pattern.comments or ()]
    if isinstance(pattern, exp.Table) and isinstance(made, exp.Table):
        text = _whole(pattern.name, jinja)
        if text and not pattern.db:
            template.tables[name_of(made)] = text
            _align_value(pattern.args.get("alias"), made.args.get("alias"), template, jinja)
            return
    elif isinstance(pattern, exp.Column) and not pattern.table and _whole(pattern.name, jinja):
        made.meta[MADE_BY] = _whole(pattern.name, jinja)
        return
    elif isinstance(pattern, exp.Literal) and PLACE.search(pattern.name):
        made.meta[MADE_BY] = "'" + _restored(pattern.name, jinja) + "'"
        return
    if type(pattern) is not type(made):
        raise _more_than_a_value(pattern, jinja)
    for key in {*pattern.args, *made.args}:
        _align_value(pattern.args.get(key), made.args.get(key), template, jinja)


def _align_value(pattern: object, made: object, template: Template, jinja: list[str]) -> None:
    if isinstance(pattern, exp.Expression) and isinstance(made, exp.Expression):
        _align(pattern, made, template, jinja)
    elif isinstance(pattern, list) and isinstance(made, list) and len(pattern) == len(made):
        for one, other in zip(pattern, made, strict=True):
            _align_value(one, other, template, jinja)
    elif (pattern or None) != (made or None):
        raise _more_than_a_value(pattern, jinja)


def _more_than_a_value(pattern: object, jinja: list[str]) -> NotMappedError:
    nodes = pattern if isinstance(pattern, list) else [pattern]
    texts = [node.sql(dialect=DIALECT) if hasattr(node, "sql") else str(node) for node in nodes]
    told = _short(_restored(" ".join(texts), jinja))
    return NotMappedError(f"Jinja makes more of it than relations and values: {told}")


def _place(number: int) -> str:
    return f"jinja_{number}_place"


def _whole(name: str, jinja: list[str]) -> str | None:
    found = PLACE.fullmatch(name)
    return jinja[int(found[1])] if found else None


def _restored(text: str, jinja: list[str]) -> str:
    return PLACE.sub(lambda found: jinja[int(found[1])], text)


def _short(text: str) -> str:
    return text if len(text) < 60 else text[:57] + "…"
