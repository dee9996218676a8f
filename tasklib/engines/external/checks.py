"""What a server needs before stream tables work on it, in the order in which it is mended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tasklib.base.display import duration
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Finding
from tasklib.catalog import database
from tasklib.catalog.database import Connection
from tasklib.catalog.queries import fetch, first_line, is_replica, render
from tasklib.catalog.rows import LackingRights, Scheduler
from tasklib.engines.base import MAJOR_VERSION, STAND_IN
from tasklib.engines.external import pooler, refusals
from tasklib.engines.server import presets, roles

REAL = "pg_trickle"
RESTART = "then restart PostgreSQL"
# Fewer than its documentation advises; more fail only when many databases refresh at once.
ADVISED_WORKERS = 32
_FACTS = """
select current_setting('server_version') as version,
       current_setting('server_version_num')::int / 10000 as major,
       current_user as role,
       current_database() as database,
       host(inet_server_addr()) as address,
       inet_server_port() as port,
       coalesce(extname, '') as extension,
       coalesce(extversion, '') as extension_version,
       (select max(name) from pg_available_extensions
         where name in ('pg_trickle', 'pg_trickle_lite')) as available,
       (select array_agg(name) from pg_available_extensions
         where name in ('pg_trickle', 'pg_trickle_lite')) as offered,
       (select count(distinct datname) from pg_stat_activity
         where application_name = 'pg_trickle_scheduler'
           and datname <> current_database()) as other_schedulers,
       (select json_object_agg(name, setting) from pg_settings) as settings,
       (select array_agg(name) from pg_settings where context = 'postmaster') as at_start
  from (select) as nothing
  left join pg_extension on extname in ('pg_trickle', 'pg_trickle_lite')
"""


_GRANT_FOR_TRIALS = """
select format('grant create on database %I to %I;', current_database(), current_user) as statement
 where not has_database_privilege(current_database(), 'create')
"""
_EVERYDAY_ROLE = """
select (select rolsuper from pg_roles where rolname = current_user) as superuser,
       (select bool_or(prosecdef) from pg_proc
         where pronamespace = to_regnamespace('pgtrickle') and proname = 'refresh_stream_table'
       ) as owners,
       (select array_agg(rolname::text order by rolname) from pg_roles r
         where rolcanlogin and not rolsuper
           and (has_database_privilege(r.oid, current_database(), 'create')
                or exists (select from pg_namespace n
                            where n.nspname !~ '^(pg_|information_schema)'
                              and has_schema_privilege(r.oid, n.oid, 'create')))) as others
"""


@dataclass(frozen=True)
class Wanted:
    """What a project asks of a server.

    Attributes:
        schema: where dbt builds.
        sources: schema and name of the tables that others write.
        immediate: whether a model is to be IMMEDIATE.
        cdc_modes: the models' own, with the name of one that asks for it.
        configured: gives what the engine sets for a version of pg_trickle; None: it isn't ours.
    """

    schema: str
    sources: tuple[tuple[str, str], ...] = ()
    cdc_modes: Mapping[str, str] = field(default_factory=dict)
    immediate: bool = False
    configured: Callable[[str | None], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Server:
    """A server that answered, and what it said about itself."""

    connection: Connection
    environment: Mapping[str, str]
    wanted: Wanted
    facts: Mapping[str, Any]

    @property
    def settings(self) -> Mapping[str, str]:
        """Those that this role may see."""
        return dict(self.facts["settings"])

    @property
    def stand_in(self) -> bool:
        """Whether its extension is the stand-in, which needs nothing of the server."""
        return STAND_IN in (self.facts["extension"] or self.facts["available"] or "")

    @property
    def loaded(self) -> bool:
        """Whether the library was loaded at the start: its settings are there for every role."""
        return f"{REAL}.enabled" in self.settings

    @property
    def version(self) -> str:
        """The created extension's version."""
        return str(self.facts["extension_version"])


def examine(environment: Mapping[str, str], wanted: Wanted) -> Iterator[Finding]:
    """Look at a server, one thing after the other; the first error is the one to mend first.

    What can only be known once an earlier thing is right isn't looked at.

    Args:
        environment: libpq's variables.
        wanted: what the project asks of it.
    """
    place = f"{environment.get('PGHOST')}:{environment.get('PGPORT', '5432')}"
    try:
        connection = database.open_connection(environment)
    except psycopg.Error as error:
        why = database.reason(error)
        remedy = refusals.remedy(why, environment)
        if wanted.configured and database.refusal(error) is database.PasswordRefusedError:
            remedy = "Run `invoke up`, which gives that role the password of .env."
        yield Finding("reachable", ERROR, f"{place} can't be reached: {why}", remedy)
        return
    try:
        database.take_role(connection, environment)
    except UserError as error:
        yield Finding("role", ERROR, error.cause.rstrip("."), error.remedy)
        return
    with connection:
        # a pooler would hand a setting of the session on to others
        with connection.transaction():
            connection.execute("set local search_path = pg_catalog, pg_temp")
            row = connection.execute(_FACTS).fetchone()
        assert row is not None  # noqa: S101 an outer join from one row
        server = Server(connection, environment, wanted, row)
        tls = "TLS" if connection.pgconn.ssl_in_use else "no TLS"
        yield Finding("reachable", OK, f"{place}/{row['database']} as {row['role']} ({tls})")
        for check in CHECKS:
            try:
                for finding in check(server):
                    yield finding
                    if check in ESSENTIAL and finding.verdict == ERROR:
                        return
            except psycopg.Error as error:
                name = check.__name__.replace("_", " ")
                why = f"couldn't be looked at: {first_line(error)}"
                yield Finding(name, ERROR, why, "Look into the server's log.", checked=False)
                return


def pooling(server: Server) -> Iterator[Finding]:
    """A direct connection, or one server process for a client at least."""
    kind = pooler.mode(server.connection, server.environment)
    if kind != pooler.TRANSACTION:
        server.connection.execute(database.SESSION)
    direct = f"{server.facts['address']}:{server.facts['port']}" if server.facts["port"] else ""
    if kind == pooler.TRANSACTION:
        yield Finding(
            "pooler",
            ERROR,
            "a pooler in between gives every transaction another server process: locks, settings "
            "and prepared statements get lost",
            f"Connect to PostgreSQL itself{f', {direct} by its own account' if direct else ''}; "
            "or have the pooler use session pooling.",
        )
    else:
        text = "none, a direct connection" if not kind else "one in between, session pooling"
        yield Finding("pooler", OK, text)


def version(server: Server) -> Iterator[Finding]:
    """PostgreSQL 18."""
    found = server.facts["version"]
    if server.facts["major"] == int(MAJOR_VERSION):
        yield Finding("PostgreSQL", OK, str(found))
    else:
        yield Finding(
            "PostgreSQL",
            ERROR,
            f"the server is PostgreSQL {found}; pg_trickle needs {MAJOR_VERSION}",
            f"Name a server with PostgreSQL {MAJOR_VERSION}, or have this one upgraded.",
        )


def primary(server: Server) -> Iterator[Finding]:
    """A server that can be written to."""
    if is_replica(server.connection):
        yield Finding(
            "primary",
            WARN,
            "this is a read replica: freshness, status and the like work here, what writes doesn't",
            "Name the primary in .env where you build.",
        )


def extension_available(server: Server) -> Iterator[Finding]:
    """The extension's files are there."""
    offered = server.facts["offered"] or [server.facts["extension"]]
    if any(offered):
        yield Finding("extension files", OK, ", ".join(sorted(offered)))
    else:
        yield Finding(
            "extension files",
            ERROR,
            "the server has no extension pg_trickle to create",
            "Have its files installed there, from "
            "https://github.com/trickle-labs/pg-trickle/releases; or use its image.",
        )


def preloaded(server: Server) -> Iterator[Finding]:
    """The library was loaded at the start."""
    if server.stand_in:
        yield Finding("preloaded", OK, "not needed by the stand-in")
    elif server.loaded:
        yield Finding("preloaded", OK, REAL)
    else:
        others = server.settings.get("shared_preload_libraries")
        libraries = ", ".join(filter(None, (others, REAL)))
        yield Finding(
            "preloaded",
            ERROR,
            "the library pg_trickle is not loaded: nothing would refresh",
            f"Have {REAL} added to shared_preload_libraries, {RESTART}."
            if others is None
            else _have_set(server, "shared_preload_libraries", libraries),
        )


def created(server: Server) -> Iterator[Finding]:
    """The extension is in this database."""
    name = server.facts["extension"]
    if not name:
        yield Finding(
            "extension",
            ERROR,
            f"the database {server.facts['database']} doesn't have the extension",
            f"As a superuser: create extension {server.facts['available']};",
        )
        return
    kind = " (the stand-in, not the real pg_trickle)" if name == STAND_IN else ""
    yield Finding("extension", OK, f"{name} {server.version}{kind}")


def scheduler(server: Server) -> Iterator[Finding]:
    """The process that refreshes in this database; none without the library."""
    if not (server.loaded or server.stand_in):
        return
    found = fetch(server.connection, Scheduler)[0]
    if found["hangs"]:
        yield Finding(
            "scheduler",
            ERROR,
            f"its process hangs: its last sign of life is {duration(abs(found['since'] or 0))} old",
            "Run `invoke down`, then `invoke up`.",
        )
    elif found["running"] and found["enabled"]:
        yield Finding("scheduler", OK, "runs")
    elif server.stand_in:
        yield Finding(
            "scheduler",
            ERROR if server.wanted.configured else WARN,
            "the stand-in's doesn't run: no schedule is kept",
            "Run `invoke up`."
            if server.wanted.configured
            else "Use `invoke refresh`; only the engines that we start have it run.",
        )
    elif not found["enabled"]:
        yield Finding(
            "scheduler",
            ERROR,
            "pg_trickle.enabled is off: nothing refreshes",
            _have_set(server, "pg_trickle.enabled", "on"),
        )
    else:
        yield Finding(
            "scheduler",
            ERROR,
            f"no scheduler runs in {server.facts['database']}: nothing refreshes",
            "Wait half a minute after `create extension`; else raise max_worker_processes "
            f"({_workers(server)}, {ADVISED_WORKERS} are advised) and restart PostgreSQL.",
        )


def workers(server: Server) -> Iterator[Finding]:
    """Enough processes for the launcher, a scheduler for each database, and the refreshes."""
    if server.stand_in:
        yield Finding("worker processes", OK, "none needed by the stand-in")
        return
    found = _workers(server)
    refreshes = int(server.settings.get("pg_trickle.max_dynamic_refresh_workers", 4))
    replication = int(server.settings.get("max_logical_replication_workers", 0)) > 0
    launcher, schedulers = 1, 1 + int(server.facts["other_schedulers"])
    needed = launcher + schedulers + refreshes + replication
    remedy = _have_set(server, WORKERS, str(max(ADVISED_WORKERS, needed)))
    if found < needed:
        yield Finding(
            "worker processes",
            ERROR,
            f"max_worker_processes is {found}; {needed} are needed ({presets.WHY[WORKERS]})",
            remedy,
        )
    elif found < ADVISED_WORKERS:
        yield Finding(
            "worker processes",
            WARN,
            f"max_worker_processes is {found}: {needed} are needed, {ADVISED_WORKERS} advised",
            remedy,
        )
    else:
        yield Finding("worker processes", OK, f"{found}, {needed} needed")


def rights(server: Server) -> Iterator[Finding]:
    """This role may create and refresh stream tables."""
    wanted = server.wanted
    lacking = fetch(
        server.connection, LackingRights, schema=wanted.schema, immediate=wanted.immediate,
        sources=json.dumps(wanted.sources),
    )  # fmt: skip
    if not lacking:
        yield Finding("privileges", OK, f"{server.facts['role']} may build stream tables")
        yield from _trials(server)
        return
    # where these rights are more than they look
    grave = any(right["is_grave"] for right in lacking)
    amount = f" ({render('pgtrickle__write_warning').rstrip('.')})" if grave else ""
    yield Finding(
        "privileges",
        ERROR,
        f"the role {server.facts['role']} lacks {len(lacking)} right(s) that dbt needs",
        "\n".join(
            [f"As a superuser, in this database{amount}:"]
            + [f"{right['statement']};" for right in lacking]
        ),
    )


def everyday_role(server: Server) -> Iterator[Finding]:
    """Who dbt is: what others have made runs with the rights of whoever has it refreshed."""
    row = server.connection.execute(_EVERYDAY_ROLE).fetchone()
    assert row is not None  # noqa: S101 a select without from
    if not row["superuser"]:
        yield Finding("everyday role", OK, f"{server.facts['role']}, no superuser")
        return
    others = ", ".join((row["others"] or [])[:3]) + (" …" if (row["others"] or [])[3:] else "")
    whose = (
        ""
        if row["owners"]
        else f", and {server.facts['extension']} {server.version} "
        "refreshes with the rights of whoever asks for it"
    )
    where = f", where others may make functions and tables ({others}){whose}" if others else ""
    yield Finding(
        "everyday role",
        WARN,
        f"dbt works as {server.facts['role']}, a superuser{where}",
        f"Write PGUSER={roles.ORDINARY} into .env and run `invoke up`: it makes that role, and "
        "gives it what the superuser has made in this database."
        if server.wanted.configured
        else "Keep it for the server itself, and give dbt a role of its own: create role NAME "
        "login password '…'; with it in .env, `invoke doctor` tells the rights that it needs.",
    )


def _trials(server: Server) -> Iterator[Finding]:
    row = server.connection.execute(_GRANT_FOR_TRIALS).fetchone()
    if row:
        yield Finding(
            "trials",
            WARN,
            f"{server.facts['role']} may not create the schemas that trials need: every query is "
            "FULL until it was tried (PGT066)",
            f"As a superuser, in this database:\n{row['statement']}",
        )


def wal_level(server: Server) -> Iterator[Finding]:
    """Logical decoding, where changes are to be captured from the WAL."""
    found = server.settings.get("wal_level", "")
    asking = dict(server.wanted.cdc_modes)
    default = server.settings.get("pg_trickle.cdc_mode", "")
    if default:
        asking.setdefault(default, "pg_trickle.cdc_mode")
    if "wal" in asking and found != "logical" and not server.stand_in:
        yield Finding(
            "wal_level",
            ERROR,
            f"wal_level is {found}; {asking['wal']} captures changes from the WAL (cdc_mode wal)",
            f"{_have_set(server, 'wal_level', 'logical')} Or use cdc_mode trigger.",
        )
    else:
        modes = ", ".join(sorted(asking)) or "triggers"
        yield Finding("wal_level", OK, f"{found}, fit for cdc_mode {modes}")


def safe_settings(server: Server) -> Iterator[Finding]:
    """The values that keep this version from losing changes, or those that its engine gave it."""
    ours = server.wanted.configured
    if server.stand_in and not ours:
        return
    wanted = (ours or presets.presets)(None if server.stand_in else server.version)
    found = {
        name: server.settings[name]
        for name, value in wanted.items()
        if name in presets.WHY and name in server.settings
        and not presets.serves(name, server.settings[name], value)
    }  # fmt: skip
    if not ours:
        found.pop(WORKERS, None)  # told above
    for name, value in found.items():
        yield Finding(
            "setting",
            WARN,
            f"{name} is {value}, not {wanted[name]}: {presets.WHY[name]}",
            "Run `invoke down` and `invoke up`." if ours else _have_set(server, name, wanted[name]),
        )
    if not found:
        yield Finding("settings", OK, "as this version needs them")


def source_ddl(server: Server) -> Iterator[Finding]:
    """Whether tables that stream tables read may change their columns."""
    asked = (
        "select coalesce(current_setting('pg_trickle.block_source_ddl', true), 'on') as it,"
        " has_parameter_privilege('pg_trickle.block_source_ddl', 'set') as may"
    )
    row = server.connection.execute(asked).fetchone()
    refused = row is not None and row["it"] == "on"
    whose = "" if server.stand_in or (row and row["may"]) else "as a superuser "
    told = (
        "a change of columns of what stream tables read is refused; to change them, "
        f"{whose}in the same session: set pg_trickle.block_source_ddl = off"
        if refused
        else "columns of what stream tables read may change (pg_trickle.block_source_ddl is off)"
    )
    yield Finding("source DDL", OK, told)


WORKERS = "max_worker_processes"
Check = Callable[[Server], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    pooling, version, primary, extension_available, preloaded, created, scheduler, workers, rights,
    everyday_role, wal_level, safe_settings, source_ddl,
)  # fmt: skip
# Without these, what follows can't be known.
ESSENTIAL: tuple[Check, ...] = (pooling, version, extension_available, created)


def _workers(server: Server) -> int:
    return int(server.settings[WORKERS])


def _have_set(server: Server, name: str, value: str) -> str:
    """How a setting is changed on this server; some are configured from elsewhere only."""
    if server.settings.get("allow_alter_system", "on") == "off":
        return f"In the server's configuration (CloudNativePG: spec.postgresql): {name}: {value}"
    effect = f"{RESTART}." if name in server.facts["at_start"] else "select pg_reload_conf();"
    return f"As a superuser: alter system set {name} = {value}; {effect}"
