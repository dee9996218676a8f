"""The tasks of daily work: `invoke --list` shows them. Each is one call into tasklib."""

from __future__ import annotations

from typing import Any

from invoke.context import Context

from tasklib import engines
from tasklib.command import DbtTask, after_dashes, command, run_dbt
from tasklib.project import find_project


@command(help={"engine": "docker, embedded or external, instead of what invoke.yaml says"})
def up(_context: Context, engine: str = "") -> None:
    """Start the database (PostgreSQL 18 with pg_trickle) and write .env."""
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
    raise NotImplementedError(model, timeout)


@command()
def refresh(_context: Context) -> None:
    """Refresh stream tables now, upstream ones first."""
    raise NotImplementedError


@command()
def freshness(_context: Context) -> None:
    """Check that no stream table is stale (exit 1 if one is)."""
    raise NotImplementedError


@command()
def cdc_health(_context: Context) -> None:
    """Check that every change of a source is captured (exit 1 if not)."""
    raise NotImplementedError


@command()
def drop_all(_context: Context, force: bool = False, yes: bool = False) -> None:
    """Drop this project's stream tables, or with --force all of the database's."""
    raise NotImplementedError(force, yes)


@command()
def psql(context: Context) -> None:
    """Open psql on the database: invoke psql -- ARGS."""
    engines.psql(find_project(), after_dashes(context))


@command(help={"follow": "Go on as lines arrive", "lines": "How many to begin with"})
def logs(_context: Context, follow: bool = False, lines: int = 50) -> None:
    """Show the logs of the server and of the scheduler."""
    engines.show_logs(find_project(), lines=lines, follow=follow)


@command()
def demo(_context: Context) -> None:
    """Write into the sample's sources and watch the stream tables follow."""
    raise NotImplementedError
