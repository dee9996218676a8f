"""What of a query is known for a verdict: the same from dbt and from the tasks."""

from __future__ import annotations

import pytest

from tasklib.catalog import verdict
from tests.lite.test_faults import set_faults
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.trust.test_verdicts import SUM, project, remembered, run, write

__all__ = ["project"]
WRONG = {"outcome": "wrong"}
# none of these words does anything
MISLEADING = """-- row_number() over ()
select g /* union */, sum(distinct v) as "filter ( where ", 'with' as s
from public.o group by g"""


@pytest.mark.parametrize(
    ("query", "seen", "part"),
    [
        ("select count(*) Filter\n(\nWhere v > 1) from o", WRONG, "FILTER"),
        ("select v in (select v from p where v in\n(select 2)) from o", {"outcome": "slow"},
         "IN inside IN"),
        ("select x from f()", {"outcome": "wrong", "change": "changes of o, which f() reads: 1"},
         "a function that reads a table"),
        ("select sum(v) from t", {"outcome": "wrong", "change": "public.t is truncated"},
         "an aggregate of all rows, which a TRUNCATE takes away"),
        ("select x from t", {"outcome": "fails", "error": {"message": "type character(1)"}},
         "a column of type char(n)"),
        ("table o -- rollup", {"outcome": "refused"}, ""),
        ("table o /* /* rollup */ union */", {"outcome": "refused"}, ""),
        ("table \"cube\"", {"outcome": "refused"}, ""),
        ("values ('it''s with', $$union$$, e'\\' with')", {"outcome": "refused"}, ""),
    ],
)  # fmt: skip
def test_words_of_the_query_are_known_and_none_in_a_string_a_comment_or_a_name(
    query: str, seen: dict[str, object], part: str
) -> None:
    told = verdict.hint(query, seen)
    assert told.startswith(f"Known for it: {part}. ") if part else told == "", told


def test_dbt_run_gives_the_hint_of_the_tasks(project: DbtProject, database: Database) -> None:
    set_faults(database, "sum_null")
    write(project, {"misled": MISLEADING, "plain": SUM})
    log = run(project).log
    for model, query in {"misled": MISLEADING, "plain": SUM}.items():
        hint = verdict.hint(query, remembered(database, model)["trial"])
        assert hint.startswith("Known for it: sum() of values that are all NULL. ")
        assert f"{hint} (invoke rewrite {model} looks for other words)." in log
