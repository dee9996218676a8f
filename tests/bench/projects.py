"""The projects of the benchmarks: simple stream tables, by ours and by what stands beside."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench import costs
from tests.bench.costs import Cost
from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import ROOT, Database

SOURCE = """
create schema shop;
create table shop.orders (id int primary key, customer int, amount int not null);
insert into shop.orders select i, i % 100, i from generate_series(1, 2000) i;
"""
# the simplest kinds of a shop's marts
QUERIES = (
    "select customer, count(*) as orders, max(amount + {n}) as most from {orders} group by 1",
    "select id, customer, amount from {orders} where amount > {n}",
)
ORDERS = "{{ source('shop', 'orders') }}"
DECLARED = "sources: [{name: shop, tables: [{name: orders}]}]"
TRIVIAL = """
{% materialization stream_table, adapter='postgres' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') %}create table if not exists {{ target_relation }} (){% endcall %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
"""


def arguments(description: str | None, *, repeats: int) -> argparse.ArgumentParser:
    """What each benchmark of runs is asked: how many models, with how many threads, how often."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=repeats)
    return parser


def kinds(upstream: Path | None) -> list[str]:
    """What can run in turn: ours, a materialization that sends one trivial statement, upstream's.

    Args:
        upstream: the folder of the package of pg_trickle's authors, which may be missing.
    """
    if upstream and (upstream / "dbt_project.yml").is_file():
        return ["ours", "trivial", "upstream"]
    print(f"upstream's package is left out: {upstream or '--upstream'} is no folder of it")
    return ["ours", "trivial"]


def make(
    kind: str, folder: Path, database: Database, models: int, upstream: Path | None, trial: str
) -> DbtProject:
    """Make a project of one kind with its source; nothing of it is built yet."""
    database.execute(SOURCE)
    trial = f", trial='{trial}'" if kind == "ours" else ""
    head = f"{{{{ config(materialized='stream_table', schedule='1d'{trial}) }}}}\n"
    files = {
        f"models/m{n}.sql": head + QUERIES[n % len(QUERIES)].format(n=n, orders=ORDERS)
        for n in range(models)
    } | {"models/sources.yml": DECLARED}
    if kind == "ours":
        return make_project(folder, database, files)
    project = DbtProject(folder, database)
    project.configure(**{"on-run-end": []})
    project.write(files | ({"macros/trivial.sql": TRIVIAL} if kind == "trivial" else {}))
    if kind == "upstream":
        assert upstream is not None
        shutil.copytree(upstream, folder / "dbt_packages" / "dbt_pgtrickle")
        project.write({"packages.yml": f"packages: [{{local: {upstream}}}]"})
    return project


def run(project: DbtProject, *args: str, threads: int) -> Cost:
    """`dbt run` in a process of its own."""
    return costs.run(
        sys.executable, "-m", "dbt.cli.main", "--quiet", "run", *args, "--threads", str(threads),
        cwd=project.root, env={**project.database.env, "DBT_PROFILES_DIR": str(project.root)},
    ).cost  # fmt: skip


def run_phase(project: DbtProject, threads: int) -> Cost:
    """Of `dbt run` what is no start: dbt's own wall time, CPU less that of a run of nothing."""
    idle = run(project, "--select", "nothing", threads=threads)
    whole = run(project, threads=threads)
    results = json.loads((project.root / "target" / "run_results.json").read_text())
    return Cost(results["elapsed_time"], whole.cpu - idle.cpu, whole.memory)


def make_with_tasks(root: Path, database: Database, models: Mapping[str, str]) -> Path:
    """Make a project in which `invoke` works on stream tables that are there already."""
    head = "{{ config(materialized='stream_table', trial='off') }}\n"
    files = {f"models/{name}.sql": head + query for name, query in models.items()}
    make_project(root, database, files).dbt("parse")
    (root / "tasks.py").symlink_to(ROOT / "tasks.py")
    (root / "tasklib").symlink_to(ROOT / "tasklib")
    (root / "invoke.yaml").write_text(
        "pgtrickle: {slug: shop, schema: analytics, engine: external}"
    )
    (root / ".env").write_text("".join(f"{k}={v}\n" for k, v in database.env.items()))
    return root


def invoke(root: Path, database: Database, task: str, *, check: bool = True) -> costs.Done:
    """`invoke TASK` in a process of its own."""
    command = (sys.executable, "-m", "invoke", *task.split())
    return costs.run(*command, cwd=root, env=database.env, check=check)
