"""The steps of a rewrite: each gives other trees of the same meaning, and knows nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.aggregate_before_window import aggregate_before_window
from tasklib.tasks.rewrite.steps.any_array_as_in import any_array_as_in
from tasklib.tasks.rewrite.steps.arms_as_models import arms_as_models
from tasklib.tasks.rewrite.steps.exists_as_in import exists_as_in
from tasklib.tasks.rewrite.steps.filter_as_case import filter_as_case
from tasklib.tasks.rewrite.steps.full_join_as_union import full_join_as_union
from tasklib.tasks.rewrite.steps.grouping_sets_as_union import grouping_sets_as_union
from tasklib.tasks.rewrite.steps.guard_sum import guard_sum
from tasklib.tasks.rewrite.steps.inline_ctes import inline_ctes
from tasklib.tasks.rewrite.steps.joined_groups_as_arms import joined_groups_as_arms
from tasklib.tasks.rewrite.steps.joins_as_models import joins_as_models
from tasklib.tasks.rewrite.steps.lateral_as_join import lateral_as_join
from tasklib.tasks.rewrite.steps.left_join_as_filled_groups import left_join_as_filled_groups
from tasklib.tasks.rewrite.steps.left_join_as_union import left_join_as_union
from tasklib.tasks.rewrite.steps.list_as_union import list_as_union
from tasklib.tasks.rewrite.steps.merge_aggregate import merge_aggregate
from tasklib.tasks.rewrite.steps.merge_subqueries import merge_subqueries
from tasklib.tasks.rewrite.steps.name_union_arms import name_union_arms
from tasklib.tasks.rewrite.steps.newest_row_as_not_exists import newest_row_as_not_exists
from tasklib.tasks.rewrite.steps.null_safe_equality import null_safe_equality
from tasklib.tasks.rewrite.steps.outer_join_as_join import outer_join_as_join
from tasklib.tasks.rewrite.steps.round_before_cast import round_before_cast
from tasklib.tasks.rewrite.steps.rows_as_model import rows_as_model
from tasklib.tasks.rewrite.steps.scalar_subquery_as_join import scalar_subquery_as_join
from tasklib.tasks.rewrite.steps.set_operation_as_groups import set_operation_as_groups
from tasklib.tasks.rewrite.steps.subquery_as_model import subquery_as_model
from tasklib.tasks.rewrite.steps.union_as_distinct import union_as_distinct
from tasklib.tasks.rewrite.steps.values_as_case import values_as_case
from tasklib.tasks.rewrite.steps.wide_model import add_columns, wide_model
from tasklib.tasks.rewrite.tree import Tree

Rewrite = Callable[[Tree, Schema], Iterator[Tree]]


@dataclass(frozen=True)
class Step:
    """One step.

    Args:
        words: what it does, as the user is told.
        apply: gives the trees that it makes of one; none where it has nothing to do.
        cost: how far what it makes is from what the user wrote; the search takes the nearest first.
    """

    words: str
    apply: Rewrite
    cost: float


# one word for another: the query keeps its shape
WORDS = (
    Step("FILTER as CASE", filter_as_case, 1),
    Step("sum guarded by a count", guard_sum, 1),
    Step("the same names in every arm of UNION", name_union_arms, 1),
    Step("rounded before the cast", round_before_cast, 1),
    Step("IS NOT DISTINCT FROM as plain comparisons", null_safe_equality, 1),
    Step("= any(array) as IN", any_array_as_in, 1),
    Step("VALUES as CASE", values_as_case, 1),
)
# another shape
INLINED = Step("CTEs put where they are read", inline_ctes, 1)
FILLED = Step(
    "LEFT JOIN of groups as JOIN of groups that every row has", left_join_as_filled_groups, 3
)
INNER = Step("an outer join as JOIN, where what it adds isn't read", outer_join_as_join, 1)
MERGED = Step("subqueries merged", merge_subqueries, 2)
UNITED = Step("LEFT JOINs of groups as groups of one UNION ALL", joined_groups_as_arms, 3)
SHAPES = (
    INLINED,
    INNER,
    MERGED,
    Step("a condition on an aggregate as HAVING", merge_aggregate, 2),
    Step("UNION as DISTINCT over UNION ALL", union_as_distinct, 2),
    Step("EXISTS as IN", exists_as_in, 2),
    Step("LATERAL as JOIN", lateral_as_join, 2),
    Step("scalar subqueries as LEFT JOIN", scalar_subquery_as_join, 2),
    Step("the first row of a group by NOT EXISTS", newest_row_as_not_exists, 2),
    Step("FULL JOIN as two LEFT JOINs", full_join_as_union, 2),
    UNITED,
    FILLED,
    Step("LEFT JOIN as what joins and what doesn't", left_join_as_union, 4),
    Step("a list as UNION ALL", list_as_union, 2),
    Step("grouping sets as UNION ALL", grouping_sets_as_union, 2),
    Step("INTERSECT and EXCEPT as groups", set_operation_as_groups, 3),
    Step("aggregates below window functions", aggregate_before_window, 2),
)
# more columns, more stream tables
SUBQUERIES = Step("a subquery as a stream table of its own", subquery_as_model, 4)
JOINS = Step("a join of many as stream tables of two each", joins_as_models, 4)
ARMS = Step("what an arm of UNION joins as a stream table of its own", arms_as_models, 4)
MODELS = (
    SUBQUERIES,
    JOINS,
    ARMS,
    Step("what is aggregated as a stream table of its own", rows_as_model, 5),
    Step("a stream table with more columns below it", wide_model, 5),
)
COLUMNS = Step("columns added", add_columns, 6)
