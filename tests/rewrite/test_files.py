"""A rewrite becomes files: the model, the stream tables below it, and what is said of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from tasklib.tasks.rewrite.files import changes, not_in_git, write
from tasklib.tasks.rewrite.models import Model
from tasklib.tasks.rewrite.pieces import Piece
from tasklib.tasks.rewrite.template import read_template
from tests.rewrite.shop import SCHEMA, spelt_out

RAW = """{{ config(schedule='30s', alias='shown') }}
select o.id, t.total
from {{ ref('orders') }} as o
left join (
    select order_id, sum(quantity) as total from {{ ref('lines') }} group by order_id
) as t on t.order_id = o.id
"""
COMPILED = """
select o.id, t.total
from "db"."shop"."orders" as o
left join (
    select order_id, sum(quantity) as total from "db"."shop"."lines" group by order_id
) as t on t.order_id = o.id
"""
TOTALS = "select order_id, sum(quantity) as total from shop.lines group by order_id"
READER = "select o.id, t.total from shop.orders as o left join t on t.order_id = o.id"


def model(root: Path, **settings: str) -> Model:
    path = root / "shown.sql"
    path.write_text(RAW)
    return Model(
        "shown", path, RAW, COMPILED, settings, contract=False, relations={}, is_read=False
    )


def pieces() -> list[Piece]:
    columns = {**SCHEMA.names(), ("", "t"): ["order_id", "total"]}
    from tasklib.tasks.rewrite.tree import parse, qualified  # noqa: PLC0415

    return [Piece("t", spelt_out(TOTALS)), Piece("", qualified(parse(READER), columns))]


def test_a_part_is_a_model_that_the_other_reads_by_ref(tmp_path: Path) -> None:
    template, _ = read_template(RAW, COMPILED)
    main, part, said = changes(model(tmp_path), template, pieces())
    assert main.after.startswith("{{ config(schedule='calculated', alias='shown') }}\n")
    assert "left join {{ ref('shown__t') }} as t" in main.after
    assert "from {{ ref('orders') }} as o" in main.after
    assert part.path == tmp_path / "shown__t.sql"
    assert "{{ config(materialized='stream_table', schedule='30s') }}" in part.after
    assert "from {{ ref('lines') }}" in part.after
    (told,) = yaml.safe_load(said.after)["models"]
    assert told["name"] == "shown__t"
    assert [column["name"] for column in told["columns"]] == ["order_id", "total"]
    assert ["unique"] in told["columns"][0].values()


def test_full_is_taken_out_of_the_config_and_nothing_else(tmp_path: Path) -> None:
    template, tree = read_template(RAW, COMPILED)
    (main,) = changes(model(tmp_path, refresh_mode="full"), template, [Piece("", tree)])
    assert "{{ config(schedule='30s', alias='shown', refresh_mode='DIFFERENTIAL') }}" in main.after


def test_a_diff_names_the_file_and_what_changes(tmp_path: Path) -> None:
    template, _ = read_template(RAW, COMPILED)
    main, part, _ = changes(model(tmp_path), template, pieces())
    assert main.diff(tmp_path)[:2] == ["--- a/shown.sql", "+++ b/shown.sql"]
    assert part.diff(tmp_path)[:2] == ["--- /dev/null", "+++ b/shown__t.sql"]
    assert "+left join {{ ref('shown__t') }} as t" in main.diff(tmp_path)


def test_only_what_git_has_as_it_is_may_be_overwritten_unasked(tmp_path: Path) -> None:
    template, _ = read_template(RAW, COMPILED)
    found = changes(model(tmp_path), template, pieces())
    assert not_in_git(found) == [tmp_path / "shown.sql"], "there is no repository"
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    assert not_in_git(found) == []
    (tmp_path / "shown.sql").write_text(RAW + "-- changed\n")
    assert not_in_git(found) == [tmp_path / "shown.sql"]
    write(found)
    assert (tmp_path / "shown__t.sql").read_text() == found[1].after
