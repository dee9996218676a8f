"""dbt inside this process, as fast for the thousandth command as for the first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def invoke(command: list[str], listen: Callable[[Any], None]) -> Any:
    """Run one dbt command; give dbt's own result.

    dbt describes each of an adapter's flags by a walk through the whole stack, which is short in a
    thread of its own, and it leaves the flags of each adapter that it made in the list of the
    defaults, so that every command has one more of them to describe.
    """
    from dbt.adapters.base import impl  # noqa: PLC0415 slow to import
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    defaults = getattr(impl, "DEFAULT_BASE_BEHAVIOR_FLAGS", [])  # not before dbt 1.9
    own = list(defaults)
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(dbtRunner(callbacks=[listen]).invoke, command).result()
    finally:
        defaults[:] = own
