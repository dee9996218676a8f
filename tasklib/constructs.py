"""What of SQL is known to go wrong incrementally, measured on pg_trickle 0.67.0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

# sqlglot renames the base of its nodes from version to version
Tree = Any
MEASURED_ON = "0.67.0"
WRONG, FAILS, REFUSED = "gives wrong rows", "fails at a refresh", "is refused at creation"
FULL = "Set refresh_mode: FULL"
TABLE = "Make it a plain dbt table: materialized='table'"


@dataclass(frozen=True)
class Construct:
    """One construct: how to find it in a parsed query, what happens, what to do instead."""

    name: str
    found_in: Callable[[Tree], bool]
    fault: str
    remedy: str = FULL


def find(query: str) -> Iterator[Construct]:
    """The constructs of a query that are known to go wrong incrementally.

    Args:
        query: PostgreSQL's SQL.

    Raises:
        sqlglot.errors.SqlglotError: it can't be parsed.
    """
    tree = sqlglot.parse_one(query, read="postgres")
    yield from (construct for construct in CONSTRUCTS if construct.found_in(tree))


def selects_star(query: str) -> bool:
    """Whether a query takes all columns, whatever these will be."""
    tree = sqlglot.parse_one(query, read="postgres")
    return any(
        isinstance(item, exp.Star)
        or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))
        for select in tree.find_all(exp.Select)
        for item in select.expressions
    )


def _has(*kinds: Any) -> Callable[[Tree], bool]:
    return lambda tree: tree.find(*kinds) is not None


def _join(side: str) -> Callable[[Tree], bool]:
    return lambda tree: any(join.side == side for join in tree.find_all(exp.Join))


def _nullable_sum(tree: Tree) -> bool:
    grouped = any(select.args.get("group") for select in tree.find_all(exp.Select))
    return grouped and any(
        not isinstance(total.this, (exp.Coalesce, exp.Literal)) for total in tree.find_all(exp.Sum)
    )


def _aggregated_join(tree: Tree) -> bool:
    return any(
        select.args.get("group") and select.args.get("joins")
        for select in tree.find_all(exp.Select)
    )


def _aggregated_exists(tree: Tree) -> bool:
    selects = [select for select in tree.find_all(exp.Select) if select.args.get("group")]
    conditions = [select.args["where"] for select in selects if select.args.get("where")]
    return any(condition.find(exp.Exists) for condition in conditions)


def _scalar_subquery(correlated: bool) -> Callable[[Tree], bool]:
    def found(tree: Tree) -> bool:
        for subquery in tree.find_all(exp.Subquery):
            if isinstance(
                subquery.parent, (exp.From, exp.Join, exp.CTE, exp.In, exp.Exists, exp.Lateral)
            ):
                continue
            inner = {table.alias_or_name for table in subquery.find_all(exp.Table)}
            outer = any(
                column.table and column.table not in inner
                for column in subquery.find_all(exp.Column)
            )
            if outer is correlated:
                return True
        return False

    return found  # fmt: skip


def _cte_used_twice(tree: Tree) -> bool:
    names = [cte.alias for cte in tree.find_all(exp.CTE)]
    used = [table.name for table in tree.find_all(exp.Table)]
    return any(used.count(name) > 1 for name in names)


def _recursive(tree: Tree) -> bool:
    return any(clause.args.get("recursive") for clause in tree.find_all(exp.With))


def _union(distinct: bool) -> Callable[[Tree], bool]:
    return lambda tree: any(
        bool(union.args.get("distinct")) is distinct for union in tree.find_all(exp.Union)
    )


def _distinct_on(tree: Tree) -> bool:
    return any(distinct.args.get("on") for distinct in tree.find_all(exp.Distinct))


def _grouping(tree: Tree) -> bool:
    return tree.find(exp.GroupingSets, exp.Rollup, exp.Cube) is not None


CONSTRUCTS = (
    Construct("sum of a value that may be NULL, by group", _nullable_sum, WRONG),
    Construct("aggregate with FILTER", _has(exp.Filter), WRONG),
    Construct("DISTINCT ON", _distinct_on, WRONG),
    Construct("LEFT JOIN", _join("LEFT"), WRONG),
    Construct("FULL JOIN", _join("FULL"), FAILS),
    Construct("aggregate over a join", _aggregated_join, WRONG),
    Construct("aggregate over EXISTS", _aggregated_exists, WRONG),
    Construct("correlated scalar subquery", _scalar_subquery(True), WRONG, TABLE),
    Construct("scalar subquery", _scalar_subquery(False), FAILS),
    Construct("CTE used twice", _cte_used_twice, WRONG),
    Construct("recursive CTE", _recursive, REFUSED, TABLE),
    Construct("UNION ALL", _union(False), FAILS),
    Construct("UNION", _union(True), FAILS, TABLE),
    Construct("INTERSECT", _has(exp.Intersect), REFUSED, TABLE),
    Construct("EXCEPT", _has(exp.Except), REFUSED, TABLE),
    Construct("window function", _has(exp.Window), FAILS),
    Construct("GROUPING SETS, ROLLUP or CUBE", _grouping, FAILS),
    Construct("unnest", _has(exp.Unnest, exp.Explode), REFUSED),
    Construct("IS NOT DISTINCT FROM", _has(exp.NullSafeEQ), FAILS),
    Construct("join with VALUES", _has(exp.Values), REFUSED),
)
