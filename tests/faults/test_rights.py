"""A low role's code is run by a superuser's task with the low role's rights, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tasklib.base.errors import UserError
from tasklib.base.findings import Finding
from tasklib.engines.external import checks, wants
from tasklib.tasks import cdc_health, drop, history, pause, refresh, report, status, verify
from tasklib.tasks.advise import task as advise
from tasklib.tasks.demo import task as demo
from tasklib.tasks.demo.shop import FIGURES
from tasklib.tasks.freshness import task as freshness
from tasklib.tasks.rewrite.pieces import Piece
from tasklib.tasks.rewrite.proof import Prover
from tasklib.tasks.rewrite.search import Candidate
from tasklib.tasks.rewrite.task import rewrite
from tasklib.tasks.rewrite.tree import parse
from tasklib.tasks.soak import task as soak
from tests.checks.shop import Shop
from tests.faults.intruder import Intruder
from tests.lite.test_faults import set_faults
from tests.support.dbt_project import make_project

Capsys = pytest.CaptureFixture[str]
Task = Callable[[Shop], object]
QUICK = soak.Plan(rounds=1, sample=3, timeout=20)
STOLEN = "loot.totals"
FILES = {
    "models/staged.sql": "select id, customer, amount from shop.orders",
    "models/shares.sql": "{{ config(materialized='stream_table') }}\n"
    "select customer, sum(amount) as amount from {{ ref('staged') }} group by customer",
    "models/schema.yml": "version: 2\n"
    "models: [{name: shares, tests: [stream_table_matches_query]}]",
}
CHANGED = {
    "models/staged.sql": "select id, customer, amount + 1 as amount from shop.orders",
    "models/shares.sql": FILES["models/shares.sql"].replace("sum(amount)", "max(amount)"),
}

TASKS: dict[str, Task] = {
    "freshness": lambda shop: freshness.check(shop.project, everything=True),
    "cdc-health": lambda shop: cdc_health.check(shop.project, everything=True),
    "history": lambda shop: history.show(shop.project, ["totals"]),
    "report": lambda shop: report.write(
        shop.project, shop.project.root / "report.html", everything=True
    ),
    "status": lambda shop: status.show(shop.project, everything=True),
    "doctor": lambda shop: list(checks.examine(shop.project.environment(), wants.of(shop.project))),
    "verify": lambda shop: verify.verify(shop.project, everything=True),
    "soak": lambda shop: soak.soak(shop.project, [], QUICK, everything=True),
    "advise": lambda shop: advise.advise(shop.project, measure=True),
    "refresh": lambda shop: refresh.refresh(shop.project, ["totals"]),
    "pause": lambda shop: pause.pause(shop.project, ["totals"]),
    "resume": lambda shop: pause.resume(shop.project, ["totals"]),
    "drop-all": lambda shop: drop.drop_all(shop.project, yes=True),
}
# what of these runs a stream table's query, or refreshes it
RUNNING: dict[str, Task] = {
    "verify": lambda shop: verify.verify(shop.project, [STOLEN]),
    "verify --since": lambda shop: verify.verify(
        shop.project, [STOLEN], extent=verify.Extent(90.0, "id=1")
    ),
    "soak": lambda shop: soak.soak(shop.project, [STOLEN], QUICK),
    "advise --measure": lambda shop: advise.advise(shop.project, [STOLEN], measure=True),
    "refresh": lambda shop: refresh.refresh(shop.project, [STOLEN], all_owners=True),
    "verify --repair": lambda shop: verify.verify(
        shop.project, [STOLEN], repair=True, all_owners=True, yes=True
    ),
    "resume": lambda shop: pause.resume(shop.project, [STOLEN]),
}


def make_theirs(
    intruder: Intruder,
    query: str = "select id, loot.taxed(amount) as taxed, loot.taxed(5) as five from loot.orders",
) -> None:
    """A stream table of the intruder's own; what is called with a constant the planner runs."""
    intruder.database.query(
        "select pgtrickle.create_stream_table(%s, %s, '1d', 'DIFFERENTIAL')", STOLEN, query
    )


def test_no_task_runs_functions_of_a_schema_called_like_the_superuser(
    shop: Shop, intruder: Intruder, capsys: Capsys
) -> None:
    intruder.shadow(shop.database.params["user"])
    for name, task in TASKS.items():
        task(shop)
        capsys.readouterr()
        assert intruder.got_in() == [], name


@pytest.mark.parametrize("name", RUNNING)
def test_a_low_roles_query_is_run_with_its_rights(
    shop: Shop, intruder: Intruder, capsys: Capsys, name: str
) -> None:
    make_theirs(intruder)
    intruder.execute("insert into loot.orders values (4, 40)")
    if "repair" in name:
        # what is behind is compared after a refresh that is rolled back
        intruder.database.query(f"select pgtrickle.refresh_stream_table('{STOLEN}')")
        shop.database.execute(
            "alter table loot.totals disable trigger all; delete from loot.totals where id = 1;"
            "alter table loot.totals enable trigger all"
        )
    RUNNING[name](shop)
    told = capsys.readouterr()
    assert intruder.got_in() == []
    assert "permission denied" not in told.out + told.err
    if name in {"refresh", "verify --repair", "resume"}:
        ids = [row["id"] for row in shop.database.query("select id from loot.totals order by id")]
        assert ids == [1, 2, 3, 4]


REWRITTEN = """
select id % 2 as g, count(*) as n, max(amount + loot.taxed(5)) as more
from loot.orders group by 1 having sum(loot.taxed(amount)) is not null order by 1
"""


def test_rewrite_tries_a_low_roles_query_with_its_rights(
    shop: Shop, intruder: Intruder, tmp_path: Path, capsys: Capsys
) -> None:
    make_theirs(intruder, REWRITTEN)
    files = {
        "models/totals.sql": "{{ config(materialized='stream_table', schema='loot') }}\n"
        + REWRITTEN,
        "macros/schema.sql": "{% macro generate_schema_name(name, node) %}"
        "{{ name or target.schema }}{% endmacro %}",
    }
    made = make_project(tmp_path / "dbt", shop.database, files)
    made.dbt("parse")
    lines = "".join(f"{key}={value}\n" for key, value in shop.database.env.items())
    (made.root / ".env").write_text(lines)
    if shop.database.extension == "pg_trickle_lite":
        set_faults(shop.database, "sum_null")
    rewrite(replace(shop.project, root=made.root), ["totals"])
    told = capsys.readouterr()
    assert "sum guarded by a count" in told.out
    assert "permission denied" not in told.out + told.err
    assert intruder.got_in() == []


def test_rewrite_tries_parts_of_a_low_roles_query_with_its_rights(
    shop: Shop, intruder: Intruder
) -> None:
    part = "select id % 2 as g, max(loot.taxed(amount)) as taxed from loot.orders group by 1"
    model = "select o.id, part.taxed from loot.orders as o join part on part.g = o.id % 2"
    pieces = (Piece("part", parse(part)), Piece("", parse(model)))
    whole = model.replace("join part", f"join ({part}) as part")
    prover = Prover(shop.database.connect, whole, owner=intruder.name)
    prover.examine(Candidate(pieces))
    assert [attempt.outcome for attempt in prover.attempts] == ["right"]
    assert intruder.got_in() == []


SEIZE_ON_WRITE = """
create function analytics.seize_on_write() returns trigger language plpgsql as
$$ begin perform nextval('analytics.written'), loot.seize(); return null; end $$;
create sequence analytics.written;
"""
SAMPLE = {
    "customers": "select 1 as customer_id",
    "orders": "select i as order_id, 1 as customer_id, 'paid' as status, now() as ordered_at"
    " from generate_series(1, 4) i",
    "payments": "select i as payment_id, i as order_id, 'card' as method, 1.0 as amount,"
    " now() as paid_at from generate_series(1, 4) i",
}
WRITTEN = """
create table analytics.{name} as {rows};
create trigger seizing after insert or update or delete on analytics.{name}
for each row execute function analytics.seize_on_write();
"""
READ = (
    "create view analytics.{name} as select *, loot.seize() as order_count, 1 as revenue"
    " from analytics.orders"
)


def test_the_demo_writes_and_reads_with_the_rights_of_whom_its_tables_belong_to(
    shop: Shop, intruder: Intruder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.database.execute(f"grant create, usage on schema analytics to {intruder.name}")
    written = [WRITTEN.format(name=name, rows=rows) for name, rows in SAMPLE.items()]
    intruder.execute(SEIZE_ON_WRITE + "".join(written))
    intruder.execute(";".join(READ.format(name=f.table) for f in FIGURES))
    monkeypatch.setattr(demo, "PATIENCE", 0.1)
    with pytest.raises(UserError, match="did not follow"):
        demo.run(shop.project, seconds=2)
    assert shop.database.value("select is_called from analytics.written")
    assert intruder.got_in() == []
    shop.database.execute("alter table analytics.customers owner to current_user")
    with pytest.raises(UserError, match=intruder.name):
        demo.run(shop.project, seconds=2)
    assert intruder.got_in() == []


def test_soak_runs_no_check_and_no_generated_column_of_anothers_source(
    shop: Shop, intruder: Intruder, capsys: Capsys
) -> None:
    shop.create("select id, amount, taxed from loot.orders", "analytics.theirs")
    assert soak.soak(shop.project, ["analytics.theirs"], QUICK) == 0
    assert "untried" not in capsys.readouterr().out
    assert intruder.got_in() == []


@pytest.mark.parametrize(
    "edited",
    [
        "select 1; commit; alter role {} superuser; select 1",
        "select 1) as q; commit; alter role {} superuser; select * from (select 1",
    ],
)
def test_a_query_that_somebody_wrote_into_the_catalog_is_one_statement(
    shop: Shop, intruder: Intruder, capsys: Capsys, edited: str
) -> None:
    text = edited.format(intruder.name)
    columns = ("defining_query", "original_query")
    for column in columns:
        intruder.database.query(
            f"update pgtrickle.pgt_stream_tables set {column} = %s where pgt_name = 'totals'", text
        )
    verify.verify(shop.project, ["totals"])
    soak.soak(shop.project, ["totals"], QUICK)
    advise.advise(shop.project, ["totals"], measure=True)
    capsys.readouterr()
    assert intruder.got_in() == []


def test_other_roles_stream_tables_are_left_alone_and_named(
    shop: Shop, intruder: Intruder, capsys: Capsys
) -> None:
    make_theirs(intruder, "select id, amount from loot.orders")
    intruder.execute("insert into loot.orders values (4, 40)")
    assert refresh.refresh(shop.project, [STOLEN]) == 1
    told = capsys.readouterr().out
    assert intruder.name in told
    assert "--all-owners" in told
    assert shop.database.value("select count(*) from loot.totals") == 3
    assert refresh.refresh(shop.project, [STOLEN], all_owners=True) == 0
    assert f"as {intruder.name}" in capsys.readouterr().out
    assert shop.database.value("select count(*) from loot.totals") == 4
    drop.drop_all(shop.project, force=True, yes=True)
    told = capsys.readouterr().out
    assert f"Left alone, being other roles': {STOLEN} ({intruder.name}'s)" in told
    assert shop.database.value("select count(*) from loot.totals") == 4
    drop.drop_all(shop.project, force=True, all_owners=True, yes=True)
    assert f"{STOLEN}  ({intruder.name}'s)" in capsys.readouterr().out
    assert shop.database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_where_a_role_may_not_act_for_the_owner_it_goes_on_with_a_warning(
    shop: Shop, intruder: Intruder, capsys: Capsys
) -> None:
    make_theirs(intruder, "select id, amount from loot.orders")
    other = f"{intruder.name}_reader"
    shop.database.execute(
        f"create role {other} login password 'low';"
        f"grant usage on schema pgtrickle, loot to {other};"
        f"grant select on all tables in schema pgtrickle, loot to {other}"
    )
    try:
        with (shop.project.root / ".env").open("a") as env:
            env.write(f"PGUSER={other}\nPGPASSWORD=low\n")
        assert verify.verify(shop.project, [STOLEN]) == 0
        told = " ".join(capsys.readouterr().err.split())
        assert f"What {intruder.name} owns runs with the rights of {other}" in told
    finally:
        shop.database.execute(f"drop owned by {other}; drop role {other}")


def test_dbt_run_by_a_superuser_runs_functions_of_no_schema_called_like_him(
    shop: Shop, intruder: Intruder, tmp_path: Path
) -> None:
    # which stops the extension itself
    intruder.shadow(shop.database.params["user"], without=("format",))
    project = make_project(tmp_path / "dbt", shop.database, FILES)
    project.artifacts = False
    for files in ({}, CHANGED):
        project.write(files)
        project.dbt("build")
        assert intruder.got_in() == []
    project.dbt("run-operation", "pgtrickle_plan")
    project.dbt("run-operation", "refresh_all_stream_tables")
    edited = f"select 1 as a; copy (select 1) to program 'touch {intruder.file}'"
    intruder.database.query(
        "update pgtrickle.pgt_stream_tables set original_query = %s, defining_query = %s"
        " where pgt_name = 'shares'",
        edited, edited,
    )  # fmt: skip
    project.write({"models/shares.sql": FILES["models/shares.sql"].replace("sum(", "min(")})
    project.dbt("run", "--select", "shares", check=False)
    project.dbt("run-operation", "drop_all_stream_tables")
    assert intruder.got_in() == []


def test_what_dbt_run_makes_again_on_a_replaced_model_is_made_with_its_owners_rights(
    shop: Shop, intruder: Intruder, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "dbt", shop.database, FILES)
    project.artifacts = False
    project.dbt("run")
    shop.database.execute(
        f"grant usage on schema analytics to {intruder.name};"
        f"grant select on analytics.shares to {intruder.name}"
    )
    make_theirs(
        intruder,
        "select customer, loot.taxed(amount::int) as a, loot.taxed(5) as five"
        " from analytics.shares",
    )
    for change in ("max(amount) as amount", "max(amount) as amount, count(*) as orders"):
        query = FILES["models/shares.sql"].replace("sum(amount) as amount", change)
        project.write({"models/shares.sql": query})
        result = project.dbt("run", "--select", "shares")
        assert intruder.got_in() == [], change
        assert "lost" not in result.log
    operation = ("run-operation", "pgtrickle_refresh", "--args", f"model_name: {STOLEN}")
    refused = project.dbt(*operation, check=False)
    assert f"it is {intruder.name}'s" in refused.log
    assert intruder.got_in() == []
    held = shop.database.query("select customer, a from loot.totals order by 1")
    assert held == shop.database.query(
        "select customer, amount as a from analytics.shares order by 1"
    )
    assert (
        shop.database.value(
            "select tableowner from pg_tables where schemaname = 'loot' and tablename = 'totals'"
        )
        == intruder.name
    )


def test_doctor_warns_of_a_superuser_and_of_who_else_may_make_things(
    shop: Shop, intruder: Intruder
) -> None:
    def everyday() -> Finding:
        found = checks.examine(shop.project.environment(), wants.of(shop.project))
        return next(one for one in found if one.subject == "everyday role")

    warned = everyday()
    assert warned.verdict == "warn"
    assert intruder.name in warned.cause
    assert "whoever asks" in warned.cause
    database = shop.database.params["dbname"]
    shop.database.execute(f'revoke create on database "{database}" from {intruder.name}')
    intruder.execute("drop schema loot cascade")
    shop.database.execute(f"revoke all on schema pgtrickle_changes from {intruder.name}")
    alone = everyday()
    assert alone.verdict == "warn"
    assert "superuser" in alone.cause
    assert intruder.name not in alone.cause
