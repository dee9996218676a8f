"""Tests of the stand-in alone, which say nothing about pg_trickle."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def only_on_the_stand_in() -> None:
    """Skip where a server with the real extension is named."""
    if os.environ.get("PGTRICKLE_TEST_DSN"):
        pytest.skip("tests of pg_trickle_lite itself")
