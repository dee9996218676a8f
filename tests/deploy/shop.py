"""A project in production, with what stands on it that isn't dbt's, and `invoke` run in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.materialization.shop import IMMEDIATE, ORDERS, SOURCES, TOTALS_QUERY, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database
from tests.support.warm import programs

TOTALS = stream_table_model(TOTALS_QUERY)
CHANGED = stream_table_model(
    TOTALS_QUERY.replace("max(amount)", "min(amount) as least, max(amount)")
)
BROKEN = stream_table_model(TOTALS_QUERY.replace("count(*)", "1 / (count(*) - 10)"))
FILES = {
    "invoke.yaml": "pgtrickle: {engine: external, slug: shop}\n",
    "models/sources.yml": SOURCES,
    "models/totals.sql": TOTALS,
    "models/big.sql": "select region, orders from {{ ref('totals') }} where orders > 0",
    "models/more.sql": stream_table_model(
        "select orders, count(*) as regions from {{ ref('big') }} group by orders"
    ),
    "models/now.sql": IMMEDIATE,
    "models/apart.sql": stream_table_model(
        "select count(*) as orders from {{ source('raw', 'orders') }}"
    ),
    "tests/regions.sql": "select region from {{ ref('totals') }} group by 1 having count(*) > 1",
}
# what isn't dbt's: views, a role that may read, an index, a stream table
STANDS_ON_IT = """
create view public.mine as select region, orders from analytics.totals;
create role {reader};
grant usage on schema analytics to {reader};
grant select on analytics.totals, analytics.big to {reader};
create index mine_by_orders on analytics.totals (orders);
comment on table analytics.totals is 'counted by region';
select pgtrickle.create_stream_table(
  'public.copy', 'select sum(orders) as orders from analytics.totals', schedule => '1h');
"""


def open_shop(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    """The project, built once."""
    database.execute(ORDERS)
    project = dbt_project(FILES)
    env = Path(project.root / ".env")
    env.write_text("".join(f"{key}={value}\n" for key, value in database.env.items()))
    env.chmod(0o600)
    project.dbt("run")
    return project


def invoke(project: DbtProject, *args: str, status: int = 0) -> str:
    """What `invoke ARGS` prints."""
    outcome = subprocess.run(
        [programs() / "invoke", "--search-root", str(ROOT), *args], cwd=project.root, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert outcome.returncode == status, f"invoke {args}: {outcome.returncode}\n{outcome.stdout}"
    assert "Traceback" not in outcome.stdout, outcome.stdout
    return outcome.stdout


def relations(database: Database) -> dict[str, int]:
    """OIDs of tables and views outside of the extension's and the sources' schemas."""
    rows = database.query(
        "select n.nspname || '.' || c.relname as name, c.oid::bigint as oid from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v') and"
        " n.nspname !~ '^(pg_|pgtrickle|information_schema|raw)'"
    )
    return {row["name"]: row["oid"] for row in rows}
