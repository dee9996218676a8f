"""The tasks of daily work: `invoke --list` shows them. Each is one call into tasklib.

A task imports what it calls by itself: otherwise each would wait for all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from invoke.context import Context

from tasklib.base.display import end, say
from tasklib.base.encoding import fit_output
from tasklib.base.errors import UserError
from tasklib.cli.arguments import Number
from tasklib.cli.command import DbtTask, after_dashes, command, option, require_settings, run_dbt
from tasklib.cli.positional import ModelsTask
from tasklib.cli.selectors import SelectingTask
from tasklib.project.project import find_project

fit_output()
require_settings(Path(__file__).parent)

DAY, YEAR = 86400, 366 * 86400
OWNERS = "Other roles' too, with their rights"
ALL = "All of the database, not this project's and what they read alone"
NAMED = "Models or stream tables"


@command(help={"engine": "docker, embedded or external, instead of what invoke.yaml says"})
def up(_context: Context, engine: str = "") -> None:
    """Start the database, PostgreSQL 18 with pg_trickle."""
    from tasklib import engines

    engines.up(find_project(), engine)


@command(help={"volumes": "Delete the data as well", "yes": "Don't ask"})
def down(_context: Context, volumes: bool = False, yes: bool = False) -> None:
    """Stop the database; its data stay."""
    from tasklib import engines

    engines.down(find_project(), volumes=volumes, yes=yes)


@command(help={"yes": "Don't ask before stream tables are built anew"})
def upgrade(_context: Context, yes: bool = False) -> None:
    """Move to the version of pg_trickle in invoke.yaml."""
    from tasklib.tasks import upgrade as upgrading

    upgrading.upgrade(find_project(), yes=yes)


@command(help={"all": ALL, "json": "The stream tables alone, as JSON"})
def status(_context: Context, all: bool = False, json: bool = False) -> None:
    """Show engine, server, extension, scheduler and stream tables."""
    from tasklib import engines
    from tasklib.tasks import status as status_table

    project = find_project()
    if json or engines.show_status(project):
        status_table.show(project, everything=all, as_json=json)


@command(help={"json": "Print JSON"})
def doctor(_context: Context, json: bool = False) -> None:
    """Show what runs, what is wrong, and what to type."""
    from tasklib.tasks import doctor as diagnosis

    end(diagnosis.diagnose(as_json=json))


@command(help={"interval": Number("Seconds between two looks", 0.1, DAY), "all": ALL})
def watch(_context: Context, interval: float = 2.0, all: bool = False) -> None:
    """Show the stream tables, anew every two seconds until Ctrl-C."""
    from tasklib.tasks import status as status_table

    status_table.watch(find_project(), interval, everything=all)


@command(help={"yes": "Don't ask"})
def adopt(_context: Context, yes: bool = False) -> None:
    """Change what the macros need in a dbt project of your own."""
    from tasklib.tasks import adopt as adopting

    adopting.adopt(find_project(), yes=yes)


@command(klass=DbtTask)
def seed(context: Context, **flags: Any) -> None:
    """Load the seeds (dbt seed)."""
    run_dbt(context, "seed", **flags)


@command(klass=DbtTask)
def run(context: Context, **flags: Any) -> None:
    """Build the models (dbt run)."""
    run_dbt(context, "run", **flags)


@command(klass=DbtTask)
def build(context: Context, **flags: Any) -> None:
    """Load seeds, build models, run tests (dbt build)."""
    run_dbt(context, "build", **flags)


@command(klass=DbtTask)
def test(context: Context, **flags: Any) -> None:
    """Run the tests (dbt test)."""
    run_dbt(context, "test", **flags)


@command()
def dbt(context: Context) -> None:
    """Run any dbt command: invoke dbt -- ARGS."""
    run_dbt(context)


@command(
    klass=SelectingTask,
    iterable=["select", "exclude"],
    help={
        "select": "Nodes, one or several: --select a b+",
        "exclude": "Nodes to leave out",
        "full-refresh": "Plan a run with --full-refresh",
        "json": "Print JSON",
        "markdown": "Print Markdown, for a pull request",
        "detailed-exitcode": "Exit 2 when something would be replaced",
    },
)
def plan(
    context: Context,
    select: list[str],
    exclude: list[str],
    full_refresh: bool = False,
    json: bool = False,
    markdown: bool = False,
    detailed_exitcode: bool = False,
) -> None:
    """Show what dbt run would do to the stream tables."""
    from tasklib.tasks.plan import task as planning

    end(
        planning.plan(
            find_project(),
            [*option("select", select), *option("exclude", exclude), *after_dashes(context)],
            full_refresh=full_refresh, as_json=json, as_markdown=markdown,
            detailed_exitcode=detailed_exitcode,
        )
    )  # fmt: skip


@command(
    klass=SelectingTask,
    iterable=["select", "exclude"],
    help={
        "select": "Changes to deploy: --select a b+",
        "exclude": "Nodes to leave out",
        "full-refresh": "Build every stream table anew",
        "state": "A folder with the manifest.json of what is in use: tables count as changed too",
        "keep": "How long what is replaced is kept for invoke rollback",
        "lag": Number("Seconds that the new ones may be behind", 0.1, DAY),
        "timeout": Number("Seconds to wait for that, and for who uses the old ones", 1, DAY),
        "dry-run": "Only say what would be done",
        "json": "With --dry-run: print JSON",
    },
)
def deploy(
    context: Context,
    select: list[str],
    exclude: list[str],
    *,
    full_refresh: bool = False,
    state: str = "",
    keep: str = "1 day",
    lag: float = 10.0,
    timeout: float = 600.0,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Build changes beside what is in use, check, and swap."""
    from tasklib.tasks.deploy import task as deploying
    from tasklib.tasks.deploy.terms import Terms

    end(
        deploying.deploy(
            find_project(),
            [*option("select", select), *option("exclude", exclude), *after_dashes(context)],
            terms=Terms(keep, lag, timeout), full_refresh=full_refresh, state=state,
            dry_run=dry_run, as_json=json,
        )
    )  # fmt: skip


@command(
    help={
        "keep": "How long what is undone is kept",
        "lag": Number("Seconds that the former ones may be behind", 0.1, DAY),
        "timeout": Number("Seconds to wait for that, and for who uses the present ones", 1, DAY),
        "dry-run": "Only say what would be done",
    }
)
def rollback(
    _context: Context,
    keep: str = "1 day",
    lag: float = 10.0,
    timeout: float = 600.0,
    dry_run: bool = False,
) -> None:
    """Go back to what was there before the last deploy."""
    from tasklib.tasks.deploy import rollback as back
    from tasklib.tasks.deploy.terms import Terms

    back.rollback(find_project(), terms=Terms(keep, lag, timeout), dry_run=dry_run)


@command(positional=["commit"], help={"commit": "Any name that git has for it, such as main"})
def base(_context: Context, commit: str) -> None:
    """Build a commit's models, for plan and soak --changed to compare."""
    from tasklib.tasks import base as base_commit

    base_commit.build(find_project(), commit)


@command()
def env(_context: Context) -> None:
    """Print the connection for a shell: eval "$(invoke env)"."""
    from tasklib.tasks import env as shell

    shell.show(find_project())


@command(
    positional=["model"],
    help={"model": "Stream table", "timeout": Number("Seconds to wait", 0, DAY)},
)
def wait(_context: Context, model: str, timeout: float = 60.0) -> None:
    """Wait until a stream table is populated."""
    from tasklib.tasks import wait as waiting

    say(f"{waiting.until_populated(find_project(), model, timeout)} is populated.")


@command(
    klass=ModelsTask,
    help={
        "only": "Without what they read from",
        "threads": Number("How many at once", 1, 100, whole=True),
        "timeout": Number("Seconds that one may take", 0.001, DAY),
        "all-owners": OWNERS,
        "json": "Print JSON",
    },
)
def refresh(
    _context: Context,
    models: list[str],
    *,
    only: bool = False,
    threads: int = 4,
    timeout: float | None = None,
    all_owners: bool = False,
    json: bool = False,
) -> None:
    """Refresh stream tables now, upstream ones first."""
    from tasklib.tasks import refresh as refreshing

    end(
        refreshing.refresh(
            find_project(), models, only=only, threads=threads,
            timeout=timeout, all_owners=all_owners, as_json=json,
        )
    )  # fmt: skip


@command(
    klass=ModelsTask,
    help={
        "warn-seconds": Number("Limit for a warning, instead of the model's own or 600", 0, YEAR),
        "error-seconds": Number("Limit for an error, instead of the model's own or 1800", 0, YEAR),
        "notify": "Tell a webhook of changes: its URL, or none for PGTRICKLE_NOTIFY_URL",
        "notify-as": "slack (the default) or json",
        "all": ALL,
        "json": "Print JSON",
    },
    optional=["notify"],
)
def freshness(
    _context: Context,
    models: list[str],
    *,
    warn_seconds: float | None = None,
    error_seconds: float | None = None,
    notify: Any = "",
    notify_as: str = "",
    all: bool = False,
    json: bool = False,
) -> None:
    """Check that no stream table is stale (exit 1 if one is)."""
    from tasklib.tasks.freshness import task as freshness_check

    notifier = None
    if notify:
        from tasklib.tasks.freshness.notify import Notifier

        url = "" if notify is True else notify
        notifier = Notifier(find_project(), url, notify_as or "slack")
    elif notify_as:
        raise UserError("--notify-as is for --notify.", "Add --notify, or leave it out.", 2)
    end(
        freshness_check.check(
            find_project(),
            models,
            warn_seconds=warn_seconds,
            error_seconds=error_seconds,
            everything=all,
            as_json=json,
            notifier=notifier,
        )
    )


@command(help={"listen": "HOST:PORT to answer at, such as 127.0.0.1:9187", "all": ALL})
def metrics(_context: Context, listen: str = "", all: bool = False) -> None:
    """Print metrics for Prometheus, or answer it (--listen)."""
    from tasklib.tasks import metrics as open_metrics

    open_metrics.show(find_project(), listen=listen, everything=all)


@command(
    help={
        "repair": "Mend what can be mended",
        "all": ALL,
        "yes": "Don't ask before that",
        "json": "Print JSON",
    }
)
def cdc_health(
    _context: Context,
    repair: bool = False,
    all: bool = False,
    yes: bool = False,
    json: bool = False,
) -> None:
    """Check that every change of a source is captured (exit 1 if not)."""
    from tasklib.tasks import cdc_health as cdc_check

    end(cdc_check.check(find_project(), repair=repair, everything=all, yes=yes, as_json=json))


@command(
    klass=ModelsTask,
    help={
        "sample": Number("Percent of the rows, the same ones on both sides", 0.01, 100),
        "since": "COLUMN=VALUE: rows from that value on",
        "partition": "One partition's name; all: one after another, in less memory",
        "repair": "Rebuild what differs",
        "all": ALL,
        "all-owners": OWNERS,
        "yes": "Don't ask before that",
        "json": "Print JSON",
    },
)
def verify(
    _context: Context,
    models: list[str],
    *,
    sample: float = 100.0,
    since: str = "",
    partition: str = "",
    repair: bool = False,
    all: bool = False,
    all_owners: bool = False,
    yes: bool = False,
    json: bool = False,
) -> None:
    """Compare contents with the queries (exit 1 if one differs)."""
    from tasklib.tasks import verify as verifying

    extent = verifying.Extent(sample, since, partition)
    end(
        verifying.verify(
            find_project(), models, extent=extent, repair=repair, everything=all,
            all_owners=all_owners, yes=yes, as_json=json,
        )
    )  # fmt: skip


@command(
    klass=ModelsTask,
    help={
        "rounds": Number(
            "Rounds of random changes after the systematic ones", 1, 10**6, whole=True
        ),
        "sample": Number("Rows of each source to copy", 1, 10**6, whole=True),
        "seed": Number("The same seed, the same random changes", 0, 10**6, whole=True),
        "timeout": Number("Seconds for each model", 0.1, DAY),
        "changed": "Only those that invoke base had otherwise",
        "state": "With --changed: a folder with dbt's manifest.json to compare with",
        "all": ALL,
        "json": "Print JSON",
    },
)
def soak(
    _context: Context,
    models: list[str],
    *,
    rounds: int = 20,
    sample: int = 200,
    seed: int = 1,
    timeout: float = 30.0,
    changed: bool = False,
    state: str = "",
    all: bool = False,
    json: bool = False,
) -> None:
    """Try changes on copies (exit 1 if one is not kept right)."""
    from tasklib.tasks.soak import task as soaking

    plan = soaking.Plan(rounds, sample, seed, timeout)
    end(
        soaking.soak(
            find_project(), models, plan, changed=changed, state=state, everything=all, as_json=json
        )
    )


@command(help={"match": "Only constructs with this text", "json": "Print JSON"})
def certify(_context: Context, match: str = "", json: bool = False) -> None:
    """Show which SQL the installed pg_trickle keeps right."""
    from tasklib.tasks.certify import task as certifying

    certifying.certify(find_project(), containing=match, as_json=json)


@command(
    klass=ModelsTask,
    help={
        "measure": "Time an incremental and a full refresh of each, rolled back",
        "timeout": Number("Seconds that one of these may take", 0.1, DAY),
        "json": "Print JSON",
    },
)
def advise(
    _context: Context,
    models: list[str],
    *,
    measure: bool = False,
    timeout: float = 30.0,
    json: bool = False,
) -> None:
    """Show what to change in the models, and why."""
    from tasklib.tasks.advise import task as advice

    end(advice.advise(find_project(), models, measure=measure, timeout=timeout, as_json=json))


@command(
    klass=ModelsTask,
    help={
        "write": "Change the models' files",
        "timeout": Number("Seconds to look for one model", 0.1, DAY),
        "yes": "Don't ask before a file is changed that git couldn't give back",
        "json": "Print JSON",
    },
)
def rewrite(
    _context: Context,
    models: list[str],
    *,
    write: bool = False,
    timeout: float = 120.0,
    yes: bool = False,
    json: bool = False,
) -> None:
    """Find the same query in words that stay incremental."""
    from tasklib.tasks.rewrite import task as rewriting

    end(
        rewriting.rewrite(
            find_project(), models, write=write, timeout=timeout, yes=yes, as_json=json
        )
    )


@command(
    klass=ModelsTask,
    help={
        "entries": Number("How many refreshes of each", 1, 10**6, whole=True),
        "all": ALL,
        "json": "Print JSON",
    },
)
def history(
    _context: Context,
    models: list[str],
    *,
    entries: int = 20,
    all: bool = False,
    json: bool = False,
) -> None:
    """Show the latest refreshes that changed something."""
    from tasklib.tasks import history as refresh_history

    refresh_history.show(find_project(), models, entries=entries, everything=all, as_json=json)


@command(help={"output": "The file to write", "all": ALL})
def report(_context: Context, output: str = "report.html", all: bool = False) -> None:
    """Write an HTML report: graph, health, cost and backlog."""
    from tasklib.tasks import report as html_report

    say(f"Written: {html_report.write(find_project(), Path(output), everything=all)}")


@command(klass=ModelsTask, help={"models": NAMED})
def pause(_context: Context, models: list[str]) -> None:
    """Keep stream tables from being refreshed."""
    from tasklib.tasks import pause as pausing

    pausing.pause(find_project(), models)


@command(klass=ModelsTask, help={"models": NAMED})
def resume(_context: Context, models: list[str]) -> None:
    """Have stream tables refreshed again, whatever stopped them."""
    from tasklib.tasks import pause as pausing

    pausing.resume(find_project(), models)


@command(klass=ModelsTask, help={"models": NAMED, "yes": "Don't ask"})
def drop(_context: Context, models: list[str], *, yes: bool = False) -> None:
    """Drop stream tables and this project's that read them."""
    from tasklib.tasks import drop as dropping

    dropping.drop(find_project(), models, yes=yes)


@command(help={"yes": "Don't ask"})
def prune(_context: Context, yes: bool = False) -> None:
    """Drop what models that are gone, or old versions, left here."""
    from tasklib.tasks import prune as pruning

    pruning.prune(find_project(), yes=yes)


@command(
    help={
        "force": "Everything in the catalog",
        "schema": "A schema with all that is in it, such as a pull request's",
        "all-owners": OWNERS,
        "yes": "Don't ask",
    }
)
def drop_all(
    _context: Context,
    force: bool = False,
    schema: str = "",
    all_owners: bool = False,
    yes: bool = False,
) -> None:
    """Drop this project's stream tables (--force: the database's)."""
    from tasklib.tasks import drop as dropping
    from tasklib.tasks import drop_schema as dropping_schema

    if schema:
        dropping_schema.drop_schema(find_project(), schema, yes=yes)
    else:
        dropping.drop_all(find_project(), force=force, all_owners=all_owners, yes=yes)


@command(help={"superuser": "As the server's superuser, where the server is the project's own"})
def psql(context: Context, superuser: bool = False) -> None:
    """Open psql on the database: invoke psql -- ARGS."""
    from tasklib import engines

    end(engines.psql(find_project(), after_dashes(context), superuser=superuser))


@command(
    help={
        "follow": "Go on as lines arrive",
        "lines": Number("How many to begin with", 0, 10**6, whole=True),
    }
)
def logs(_context: Context, follow: bool = False, lines: int = 50) -> None:
    """Show the logs of the server and of the scheduler."""
    from tasklib import engines

    engines.show_logs(find_project(), lines=lines, follow=follow)


@command(help={"seconds": Number("How long to write, in seconds", 0, DAY)})
def demo(_context: Context, seconds: float = 30.0) -> None:
    """Write into the sample and watch the stream tables follow."""
    from tasklib.tasks.demo import task as shop_demo

    end(shop_demo.run(find_project(), seconds))
