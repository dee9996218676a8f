"""The tasks of a project whose dbt is v2, which Python can't call."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from tasklib.base import env_file
from tests.lite.test_faults import TABLES, set_faults
from tests.materialization.shop import ORDERS, SOURCES, TOTALS_QUERY, stream_table
from tests.package.venvs import python_with_dbt
from tests.rewrite.test_rewrite import EXISTS, SUM
from tests.rewrite.test_rewrite import SOURCES as RAW
from tests.support.postgres import Database
from tests.template.helpers import copy_project, run

WHO = """
{% macro who() %}
  {% do log(run_query("select current_user || ' finds ' || current_setting('search_path')")
      .columns[0].values()[0], info=true) %}
{% endmacro %}
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with all that the tasks need, and dbt v2 instead of dbt 1."""
    root = tmp_path_factory.mktemp("environment") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", str(root), cwd=root.parent)
    [own] = root.glob("lib/*/site-packages")
    (own / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    theirs = python_with_dbt("2.0")
    (root / "bin" / "dbt").symlink_to(theirs.with_name("dbt"))
    [packages] = theirs.parents[1].glob("lib/*/site-packages")
    for found in (*packages.glob("dbt-*.dist-info"), packages / "adbc_driver_postgresql"):
        (own / found.name).symlink_to(found)
    return root / "bin" / "python"


def test_tasks_run_it_plan_with_it_and_tell_of_it(
    python: Path, tmp_path: Path, database: Database
) -> None:
    database.execute(ORDERS)
    root = copy_project(tmp_path / "shop", dbt_version="2.0", sample_models="no")
    shutil.rmtree(root / "models" / "sources")
    for name, text in {
        "models/sources.yml": SOURCES,
        "models/marts/totals.sql": "{{ config(meta={'trial': 'off'}) }}" + TOTALS_QUERY,
        "models/marts/other.sql": "{{ config(meta={'trial': 'off'}) }}" + TOTALS_QUERY,
        "macros/who.sql": WHO,
    }.items():
        (root / name).write_text(text)
    env_file.update(root / ".env", database.env)
    cache = tmp_path / "cache"

    def invoke(*words: str, check: bool = True) -> str:
        return run(
            str(python), "-m", "invoke", *words, cwd=root, check=check, XDG_CACHE_HOME=str(cache)
        )

    invoke("run", "--select", "totals")
    assert stream_table(database)["status"] == "ACTIVE"
    planned = json.loads(invoke("plan", "--json"))["results"]
    actions = {row["relation"]: row["action"] for row in planned}
    assert actions == {"analytics.other": "create", "analytics.totals": "unchanged"}
    chosen = json.loads(invoke("plan", "--select", "totals", "--full-refresh", "--json"))
    assert [row["action"] for row in chosen["results"]] == ["replace"]
    assert "every stream table" in invoke("prune").lower()

    def told(name: str) -> tuple[str, str]:
        results = json.loads(invoke("doctor", "--json", check=False))["results"]
        [row] = [row for row in results if row["subject"] == name]
        return row["verdict"], row["cause"]

    verdict, cause = told("dbt")
    assert (verdict, cause[:22]) == ("ok", "dbt 2.0.0rc196: v2, wh")
    env_file.update(root / ".env", {**database.env, "PGPASSWORD": ""})
    assert told("dbt profile")[1] == "it has no password, without which dbt v2 doesn't connect"
    env_file.update(root / ".env", database.env)
    assert told("dbt profile")[0] == "ok"

    shutil.copytree(root / "target", tmp_path / "before")
    narrow = TOTALS_QUERY.replace(", max(amount) as largest", "")
    (root / "models/marts/other.sql").write_text("{{ config(meta={'trial': 'off'}) }}" + narrow)
    changed = ("--changed", "--state", str(tmp_path / "before"), "--json")
    tried = json.loads(invoke("soak", *changed, check=False))["results"]
    assert [row["subject"] for row in tried] == ["analytics.other"]

    profile = root / "profiles.yml"
    path = '"my place", public'
    settings = f"role: pg_monitor\n      search_path: '{path}'\n      threads: 4"
    profile.write_text(profile.read_text().replace("threads: 4", settings))
    who = ("dbt", "--", "run-operation", "who")
    assert f"pg_monitor finds {path}" in invoke(*who)
    assert "export DBT_ALLOW_EXPERIMENTAL_ADAPTERS=true" in invoke("env")
    text = profile.read_text().replace("env_var('PGSSLMODE', 'prefer')", "'verify-full'")
    profile.write_text(text)
    assert "SSL" in invoke(*who, check=False)
    (root / "models/marts/totals.sql").write_text("select nothing from")
    assert "dbt compile failed" in invoke("plan", check=False)


@pytest.mark.long
def test_rewrite_finds_and_writes_other_words_with_it(
    python: Path, tmp_path: Path, database: Database
) -> None:
    if database.extension != "pg_trickle_lite":
        pytest.skip("only the stand-in has faults on request")
    database.execute(TABLES)
    set_faults(database, "sum_null", "exists_twice")
    root = copy_project(tmp_path / "shop", dbt_version="2.0", sample_models="no")
    shutil.rmtree(root / "models" / "sources")
    part = EXISTS.replace("1 from", "1 from /* it's; */")
    for name, text in {
        "sources.yml": RAW,
        "marts/totals.sql": SUM,
        "marts/there.sql": part,
    }.items():
        (root / "models" / name).write_text(text)
    env_file.update(root / ".env", database.env)

    def invoke(*words: str, check: bool = True) -> str:
        return run(str(python), "-m", "invoke", *words, cwd=root, check=check)

    invoke("run")
    modes = "select string_agg(distinct refresh_mode, ',') from pgtrickle.pgt_stream_tables"
    assert database.value(modes) == "FULL"
    rows = json.loads(invoke("rewrite", "--write", "--yes", "--json"))["results"]
    assert [(row["subject"], row["outcome"], row["steps"]) for row in rows] == [
        ("there", "proposed", ["EXISTS as IN"]),
        ("totals", "proposed", ["sum guarded by a count"]),
    ]
    written = (root / "models/marts/totals.sql").read_text()
    assert "-- By group." in written
    assert "from {{ source('raw', 'o') }}" in written
    invoke("run")
    assert database.value(modes) == "DIFFERENTIAL"
    asked = "from tasklib.tasks.rewrite.files import tests_key; print(tests_key())"
    assert run(str(python), "-c", asked, cwd=root).strip() == "data_tests"
