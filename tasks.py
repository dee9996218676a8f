"""The tasks of daily work: `invoke --list` shows them. Each is one call into tasklib."""

from __future__ import annotations

from typing import Any

from invoke.context import Context

from tasklib import cdc_health as cdc_check
from tasklib import demo as shop_demo
from tasklib import drop, engines
from tasklib import freshness as freshness_check
from tasklib import refresh as refreshing
from tasklib import wait as waiting
from tasklib.command import DbtTask, after_dashes, command, run_dbt
from tasklib.display import end, split
from tasklib.project import find_project


@command(help={"engine": "docker, embedded or external, instead of what invoke.yaml says"})
def up(_context: Context, engine: str = "") -> None:
    """Start the database, PostgreSQL 18 with pg_trickle."""
    engines.up(find_project(), engine)


@command(help={"volumes": "Delete the data as well", "yes": "Don't ask"})
def down(_context: Context, volumes: bool = False, yes: bool = False) -> None:
    """Stop the database; its data stay."""
    engines.down(find_project(), volumes=volumes, yes=yes)


@command()
def status(_context: Context) -> None:
    """Show engine, server, extension, scheduler and stream tables."""
    engines.show_status(find_project())


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


@command(positional=["model"], help={"model": "Stream table", "timeout": "Seconds to wait"})
def wait(_context: Context, model: str, timeout: float = 60.0) -> None:
    """Wait until a stream table is populated."""
    print(f"{waiting.until_populated(find_project(), model, timeout)} is populated.")


@command(
    positional=["models"],
    help={
        "models": "Models or stream tables, with commas between; by default all of this project's",
        "only": "Without what they read from",
        "threads": "How many at once",
        "timeout": "Seconds that one may take",
        "json": "Print JSON",
    },
)
def refresh(
    _context: Context,
    models: str = "",
    only: bool = False,
    threads: int = 4,
    timeout: float = 0.0,
    json: bool = False,
) -> None:
    """Refresh stream tables now, upstream ones first."""
    end(
        refreshing.refresh(
            find_project(), split(models), only=only, threads=threads,
            timeout=timeout or None, as_json=json,
        )
    )  # fmt: skip


@command(
    positional=["model"],
    help={
        "model": "A model or stream table; by default all",
        "warn-seconds": "Limit for a warning, instead of the model's own or 600",
        "error-seconds": "Limit for an error, instead of the model's own or 1800",
        "json": "Print JSON",
    },
)
def freshness(
    _context: Context,
    model: str = "",
    warn_seconds: float = -1.0,
    error_seconds: float = -1.0,
    json: bool = False,
) -> None:
    """Check that no stream table is stale (exit 1 if one is)."""
    limits = [None if given < 0 else given for given in (warn_seconds, error_seconds)]
    end(
        freshness_check.check(
            find_project(), model, warn_seconds=limits[0], error_seconds=limits[1], as_json=json
        )
    )


@command(
    help={"repair": "Mend what can be mended", "yes": "Don't ask before that", "json": "Print JSON"}
)
def cdc_health(
    _context: Context, repair: bool = False, yes: bool = False, json: bool = False
) -> None:
    """Check that every change of a source is captured (exit 1 if not)."""
    end(cdc_check.check(find_project(), repair=repair, yes=yes, as_json=json))


@command(help={"force": "Everything in the catalog", "yes": "Don't ask"})
def drop_all(_context: Context, force: bool = False, yes: bool = False) -> None:
    """Drop this project's stream tables (--force: the database's)."""
    drop.drop_all(find_project(), force=force, yes=yes)


@command()
def psql(context: Context) -> None:
    """Open psql on the database: invoke psql -- ARGS."""
    end(engines.psql(find_project(), after_dashes(context)))


@command(help={"follow": "Go on as lines arrive", "lines": "How many to begin with"})
def logs(_context: Context, follow: bool = False, lines: int = 50) -> None:
    """Show the logs of the server and of the scheduler."""
    engines.show_logs(find_project(), lines=lines, follow=follow)


@command(help={"seconds": "How long to write"})
def demo(_context: Context, seconds: float = 30.0) -> None:
    """Write into the sample and watch the stream tables follow."""
    end(shop_demo.run(find_project(), seconds))
