"""A generated project moves between engines by `invoke up --engine …` and `invoke build` alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasklib import engines
from tasklib.project.project import find_project
from tests.support.postgres import free_port
from tests.support.workspace import DOCKER, Workspace, open_folder
from tests.template.helpers import copy_project


@pytest.fixture
def generated(image: str) -> Iterator[Workspace]:
    """The sample shop as copier makes it, set to the tests' image."""
    with open_folder() as folder:
        made = Workspace(copy_project(folder / "shop", project_name="shop", port=str(free_port())))
        made.environment = {"DOCKER_HOST": DOCKER}
        made.configure(image=image)
        try:
            yield made
        finally:
            for name in ("docker", "embedded"):
                engines.engine(name, find_project(made.root)).down(volumes=True)


def test_the_sample_moves_from_embedded_to_docker_and_back_and_nothing_is_lost(
    generated: Workspace,
) -> None:
    generated.invoke("up", "--engine", "embedded")
    assert "ERROR=0" in generated.invoke("build")
    tables = "select count(*) as n from pgtrickle.pgt_stream_tables where status = 'ACTIVE'"
    assert generated.query(tables) == [{"n": 5}]
    generated.query("create table only_embedded as select 42 as answer")

    output = generated.invoke("up", "--engine", "docker")
    assert "embedded: stopped PostgreSQL" in output
    assert "the data of the engine embedded stay in" in output
    assert "`invoke up --engine embedded` goes back to them" in output
    assert "docker: PostgreSQL 18" in output
    assert "Why: asked for with --engine docker" in output
    assert generated.query("select to_regclass('only_embedded') as found") == [{"found": None}]
    assert "ERROR=0" in generated.invoke("build")
    assert generated.query(tables) == [{"n": 5}]
    assert "5 ok" in generated.invoke("freshness")

    output = generated.invoke("up", "--engine", "embedded")
    assert "docker: stopped the container" in output
    assert "the data of the engine docker stay in the volume" in output
    assert generated.query("select answer from only_embedded") == [{"answer": 42}]
    assert generated.query(tables) == [{"n": 5}]
    output = generated.invoke("build")
    assert "ERROR=0" in output
    assert "UNCHANGED" in output
