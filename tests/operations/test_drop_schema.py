"""`invoke drop-all --schema`: a schema goes with what is in it, and nothing that lasts goes."""

from __future__ import annotations

import io
import uuid

import pytest

from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.tasks.drop_schema import drop_schema
from tests.operations.conftest import QUERIES, Chain

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def trial(chain: Chain) -> Chain:
    """The chain without what reads from the schema marts; in it a stream table, a view, a table."""
    chain.create(QUERIES["totals"], "analytics.totals")
    chain.create(QUERIES["spread"], "marts.spread")
    chain.database.execute(
        "create view marts.shown as select * from marts.spread; create table marts.kept (id int)"
    )
    return chain


def schemas(chain: Chain) -> list[str]:
    rows = chain.database.query(
        "select nspname as name from pg_namespace where nspname in ('marts', 'analytics', 'shop')"
    )
    return sorted(row["name"] for row in rows)


def test_it_names_what_goes_asks_and_drops_it(
    trial: Chain, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(UserError, match="Nothing was dropped"):
        drop_schema(trial.project, "marts")
    told = capsys.readouterr().out
    for line in ("table marts.kept", "view marts.shown", "stream table marts.spread"):
        assert f"  {line}\n" in told
    assert schemas(trial) == ["analytics", "marts", "shop"]
    drop_schema(trial.project, "marts", yes=True)
    assert schemas(trial) == ["analytics", "shop"]
    assert trial.tables() == ["totals"]
    trial.database.execute("insert into shop.orders values (1000, 'new', 1)")
    trial.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert trial.count("totals") == 4


@pytest.mark.parametrize(
    "reader",
    [
        "create view analytics.elsewhere as select * from marts.kept",
        "select pgtrickle.create_stream_table('analytics.elsewhere', 'select id from marts.kept')",
        "select pgtrickle.create_stream_table('analytics.elsewhere', "
        "'select customers from marts.spread')",
        "alter table marts.kept add primary key (id);"
        "create table analytics.elsewhere (id int references marts.kept)",
        "create type marts.colour as enum ('red');"
        "create table analytics.elsewhere (colours marts.colour[])",
    ],
)
def test_what_is_read_from_elsewhere_stays_with_all_of_its_schema(
    trial: Chain, reader: str
) -> None:
    trial.database.execute(reader)
    with pytest.raises(UserError, match=r"read .*analytics\.elsewhere"):
        drop_schema(trial.project, "marts", yes=True)
    assert "spread" in trial.tables()
    assert trial.database.value("select to_regclass('marts.kept')") == "marts.kept"


def test_what_belongs_to_another_role_stays_with_all_of_its_schema(trial: Chain) -> None:
    """Of a role that may drop the schema, and isn't the stream table's owner."""
    user = f"weak_{uuid.uuid4().hex[:8]}"
    with trial.database.connect() as owner:
        owner.execute(
            f"create role {user} login password 'weak'; alter schema marts owner to {user};"
            f"grant usage on schema pgtrickle to {user};"
            f"grant select on all tables in schema pgtrickle to {user}".encode()
        )
        env_file.update(trial.project.root / ".env", {"PGUSER": user, "PGPASSWORD": "weak"})
        try:
            with pytest.raises(UserError, match=r"marts\.spread belongs to") as refused:
                drop_schema(trial.project, "marts", yes=True)
            assert trial.tables() == ["spread", "totals"]
            grant = refused.value.remedy.removeprefix("As a superuser: ").split(";")[0]
            owner.execute(grant.encode())
            drop_schema(trial.project, "marts", yes=True)
            assert schemas(trial) == ["analytics", "shop"]
        finally:
            owner.execute(f"drop owned by {user} cascade; drop role {user}".encode())


@pytest.mark.parametrize("schema", ["analytics", "public", "pgtrickle", "pg_catalog", "nowhere"])
def test_what_no_pull_request_made_is_refused(trial: Chain, schema: str) -> None:
    with pytest.raises(UserError) as refused:
        drop_schema(trial.project, schema, yes=True)
    assert refused.value.exit_code == 2
    assert schemas(trial) == ["analytics", "marts", "shop"]
    assert trial.tables() == ["spread", "totals"]
