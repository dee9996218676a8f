"""What a refresh costs decides whether other words are proposed."""

from __future__ import annotations

import pytest

from tasklib.tasks.rewrite.cost import Cost


@pytest.mark.parametrize(
    ("incremental", "full", "pays"),
    [(20.0, 5.0, True), (4000.0, 2000.0, True), (4000.0, 100.0, False), (4000.0, None, False)],
)
def test_what_takes_seconds_is_proposed_only_where_full_takes_them_too(
    incremental: float, full: float | None, pays: bool
) -> None:
    assert Cost(incremental, full).pays is pays
