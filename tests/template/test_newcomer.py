"""The main job, as a newcomer types it: from `copier copy` to `invoke down`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tasklib.base import env_file
from tasklib.catalog.database import connect
from tasklib.base.errors import UserError
from tests.support.postgres import free_port
from tests.template.helpers import copy_project, run

STREAM_TABLES = "select count(*) as n from pgtrickle.pgt_stream_tables where status = 'ACTIVE'"


@pytest.fixture
def project() -> Iterator[Path]:
    """A project with an embedded database; the database is gone afterwards, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="pgtrickle-newcomer-") as folder:
        # root's server runs under another account, which has to enter; pytest's folders forbid it
        Path(folder).chmod(0o755)
        root = copy_project(
            Path(folder) / "mein größerer shop", engine="embedded", port=str(free_port())
        )
        yield root
        run(sys.executable, "-m", "invoke", "down", "--volumes", "--yes", cwd=root)
        assert not (root / ".pgtrickle" / "data").exists()


def test_from_copy_to_down(project: Path) -> None:
    invoke = partial(run, sys.executable, "-m", "invoke", cwd=project)
    assert "stand-in" in invoke("up")
    invoke("build")
    environment = env_file.read(project / ".env")
    with connect(environment) as connection:
        assert connection.execute(STREAM_TABLES).fetchone() == {"n": 5}

    shown = invoke("demo", "--seconds", "3")
    assert "all 5 stream tables followed" in shown and " follows after " in shown
    invoke("freshness")
    invoke("cdc-health")
    invoke("build")
    invoke("freshness")

    assert "loyal_customers" in invoke("drop-all", "--force", "--yes")
    with connect(environment) as connection:
        assert connection.execute(STREAM_TABLES).fetchone() == {"n": 0}
        assert connection.execute("select count(*) as n from analytics.orders").fetchone() != {
            "n": 0
        }
    invoke("down")
    with pytest.raises(UserError, match="can't be reached"), connect(environment):
        pass
