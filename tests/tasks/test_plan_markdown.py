"""The plan as Markdown: what a pull request shows is what the plan says, and nothing more."""

from __future__ import annotations

from typing import Any

from tasklib.tasks.plan.markdown import ROOM, markdown

ROW: dict[str, Any] = {
    "action": "replace", "relation": "analytics.totals",
    "why": "output columns changed: + s integer",
    "refusal": None, "warnings": [],
    "dependents": ["view analytics.mine", "stream table analytics.more (not dbt)"],
    "rows": 1200000, "seconds": 2.5, "blocks_readers": True, "asked": "DIFFERENTIAL",
    "mode": "FULL", "trial": "wrong", "way": "beside", "bytes": 65536,
}  # fmt: skip


def plan(*rows: dict[str, Any], orphans: tuple[dict[str, Any], ...] = ()) -> str:
    return markdown({"summary": "a summary", "results": list(rows), "orphans": orphans})


def test_a_change_has_its_readers_its_cost_its_mode_and_its_trial() -> None:
    *_, line = plan(ROW).splitlines()
    assert line == (
        "| **replace** | `analytics.totals` | output columns changed: + s integer "
        "| view analytics.mine<br>stream table analytics.more (not dbt) | 1,200,000 rows in 2.5 s "
        "| wait | beside, 64 kB | FULL (asked: DIFFERENTIAL) | wrong |"
    )


def test_what_stays_as_it_is_is_counted_only() -> None:
    assert plan({**ROW, "action": "unchanged"}) == "### a summary\n"


def test_text_of_a_model_does_nothing_to_the_page() -> None:
    why = "where a | b < `c` and *d*\nschedule 1m → @hourly <script> [x](y) a@b"
    *_, line = plan(
        {**ROW, "why": why, "warnings": [{"code": "PGT060", "problem": "told", "remedy": ""}]}
    ).splitlines()
    assert line.split(" | ")[2] == (
        r"where a \| b &lt; \`c\` and \*d\*<br>schedule 1m → `@hourly` &lt;script&gt; \[x\](y) a@b"
        r"<br>\[PGT060\] told"
    )


def test_a_plan_of_many_fits_into_a_comment() -> None:
    long = plan(*[{**ROW, "why": "x" * 300}] * 1000)
    assert len(long) < ROOM + 1000
    listed = sum(line.startswith("| **") for line in long.splitlines())
    assert 100 < listed < 1000 and long.endswith(f"… and {1000 - listed} more: `invoke plan`")


def test_what_has_no_model_any_more_is_named() -> None:
    orphan = {"subject": "analytics.old", "unique_id": "model.shop.old", "readers": []}
    assert plan(orphans=(orphan,)).endswith("made it: `invoke prune`")
