"""A dbt project that was there before gets engine, macros and tasks, and keeps what it has."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from tasklib.tasks import adopt
from tests.support.postgres import free_port
from tests.template.helpers import BIN, run, working_tree

# laid out like jaffle_shop on GitHub, with pg_trickle's own package as its README says
FILES = {
    "dbt_project.yml": """\
# ours
name: jaffle_shop
version: "0.1"
config-version: 2
profile: jaffle
model-paths: ["models"]
seed-paths: ["data"]
macro-paths: ["snippets"]
models:
  jaffle_shop:
    materialized: view
    rollups:
      +materialized: stream_table
      +schedule: 1m
on-run-end: "{{ log('the end', info=true) }}"
""",
    "packages.yml": """\
packages:
  # one of ours
  - local: helpers
  - git: "https://github.com/<org>/pg-trickle.git"
    revision: v0.15.0
    subdirectory: "dbt-pgtrickle"
""",
    "helpers/dbt_project.yml": "name: helpers\nversion: 1.0.0\nconfig-version: 2\n",
    "helpers/macros/cents.sql": "{% macro cents(c) %}({{ c }} / 100.0){% endmacro %}\n",
    "dbt_packages/dbt_pgtrickle/dbt_project.yml": "name: dbt_pgtrickle\nversion: 0.15.0\n",
    "data/raw_orders.csv": "id,customer,cents\n1,ann,500\n2,bob,250\n3,ann,100\n",
    "models/stg_orders.sql": "select id, customer, {{ helpers.cents('cents') }} as amount"
    " from {{ ref('raw_orders') }}\n",
    "models/rollups/customers.sql": "{{ config(schedule='2s', refresh_mode='FULL') }}\n"
    "select customer, count(*) as orders, sum(amount) as amount from {{ ref('stg_orders') }}"
    " group by customer\n",
    "models/rollups/schema.yml": """\
models:
- name: customers
  data_tests: [dbt_pgtrickle.stream_table_healthy]
""",
    "README.md": "# Jaffle shop\n",
    "snippets/own.sql": "{% macro own() %}1{% endmacro %}\n",
    ".gitignore": "target/\n",
}
CHANGED = {
    "dbt_project.yml", "packages.yml", "models/rollups/schema.yml", ".gitignore", "profiles.yml",
    "dbt_packages/dbt_pgtrickle/dbt_project.yml",
}  # fmt: skip


@pytest.fixture
def shop() -> Iterator[Path]:
    """The project as it was, and a database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pgtrickle-adopt-") as folder:
        # root's server runs under another account, which has to enter
        Path(folder).chmod(0o755)
        root = Path(folder) / "jaffle shop"
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        yield root


def files(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text() for name in FILES if (root / name).exists()}


def test_nothing_of_the_users_is_touched_before_a_yes(shop: Path) -> None:
    _add(shop)
    assert files(shop) == FILES
    assert "stream-tables.yml" in {path.name for path in shop.rglob("*.yml")}
    assert not (shop / "models" / "marts").exists() and not (shop / "seeds").exists()
    invoke = partial(run, sys.executable, "-m", "invoke", cwd=shop)
    told = invoke("adopt", check=False)
    assert "Nothing was changed." in told
    assert files(shop) == FILES
    for line in (
        '-  - git: "https://github.com/<org>/pg-trickle.git"', '+  - "{{ pgtrickle_rebind() }}"',
        '+macro-paths: [macros, "snippets"]', "+jaffle:", "+.env",
        "+  data_tests: [stream_table_healthy]",
    ):  # fmt: skip
        assert line in told.splitlines()

    invoke("adopt", "--yes")
    now = files(shop)
    assert {name for name in FILES if now.get(name) != FILES[name]} | {"profiles.yml"} == CHANGED
    settings = yaml.safe_load(now["dbt_project.yml"])
    assert settings["on-run-end"] == [adopt.HOOK, "{{ log('the end', info=true) }}"]
    assert now["dbt_project.yml"].startswith("# ours\n")
    assert yaml.safe_load(now["packages.yml"]) == {"packages": [{"local": "helpers"}]}
    assert "# one of ours" in now["packages.yml"]
    assert not (shop / "dbt_packages" / "dbt_pgtrickle").exists()
    assert "Nothing has to change" in invoke("adopt")


@pytest.mark.long
def test_it_runs_from_there(shop: Path) -> None:
    _add(shop)
    invoke = partial(run, sys.executable, "-m", "invoke", cwd=shop)
    try:
        invoke("adopt", "--yes")
        invoke("up")
        invoke("dbt", "--", "deps")
        invoke("build")
        assert "freshness: 1 ok" in invoke("freshness")
        assert '"refresh_mode": "FULL"' in invoke("status", "--json")
        assert "verify: 1 ok" in invoke("verify")
    finally:
        invoke("down", "--volumes", "--yes", check=False)


def _add(shop: Path) -> None:
    """As the README says, but from the working tree as it is."""
    answers = {
        "adopt": "yes", "project_name": "Jaffle shop", "engine": "embedded",
        "port": str(free_port()),
    }  # fmt: skip
    words = [word for key, value in answers.items() for word in ("--data", f"{key}={value}")]
    template = working_tree(shop.parent / "template")
    run(str(BIN / "copier"), "copy", "--defaults", *words, str(template), str(shop), cwd=shop)


@pytest.mark.parametrize(
    ("text", "hooks"),
    [
        ("name: a\n", [adopt.HOOK]),
        ("name: a\non-run-end: []\n", [adopt.HOOK]),
        ("name: a\non-run-end:\n  - one\n  - two\n", [adopt.HOOK, "one", "two"]),
        ("on-run-end: one # said\nname: a\n", [adopt.HOOK, "one"]),
        ("name: a\non-run-end: ['{{ pgtrickle_rebind() }}']\n", ["{{ pgtrickle_rebind() }}"]),
    ],
)
def test_the_hook_comes_to_those_that_are_there(text: str, hooks: list[str]) -> None:
    assert yaml.safe_load(adopt.with_hook(text)) == {"name": "a", "on-run-end": hooks}


def test_hooks_in_another_form_are_left_to_the_user() -> None:
    with pytest.raises(adopt.UserError, match="can't be changed without risk"):
        adopt.with_hook("on-run-end: [one,\n  two]\n")


def test_the_only_package_leaves_an_empty_list() -> None:
    text = "packages:\n  - package: grove/dbt_pgtrickle\n    version: 0.15.0\n"
    assert yaml.safe_load(adopt.without_upstream(text)) == {"packages": []}
