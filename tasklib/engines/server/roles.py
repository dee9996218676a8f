"""The two roles of a server of ours: an ordinary one for dbt, the superuser for the engine itself.

Projects of an earlier template have the superuser alone, and keep it as long as .env says so.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tasklib.base import env_file
from tasklib.catalog.database import Connection, open_connection
from tasklib.catalog.queries import fetch, render
from tasklib.catalog.rows import LackingRights
from tasklib.project.project import ROLE_VARIABLE, SUPERUSER_PASSWORD, Project

SUPERUSER = "postgres"
ORDINARY = "dbt"
# What the extension's own script made stays the superuser's; what it made for stream tables later
# is theirs, as are change buffers and the functions of triggers.
_SUPERUSERS = """
with mine as (
  select oid from pg_roles where rolname = current_user
),
objects as (
  select 1 as place, format('schema %I', nspname) as object, 'pg_namespace'::regclass as kind, oid
    from pg_namespace
   where nspowner = (table mine) and nspname !~ '^(pg_|information_schema$|pgtrickle)'
  union all
  select 2, format('%s %I.%I', case relkind
             when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
             when 'f' then 'foreign table' else 'table' end, nspname, relname),
         'pg_class'::regclass, r.oid
    from pg_class r join pg_namespace n on n.oid = relnamespace
   where relowner = (table mine) and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
     and nspname !~ '^(pg_|information_schema$)'
  union all
  select 3, format('routine %s', p.oid::regprocedure), 'pg_proc'::regclass, p.oid
    from pg_proc p join pg_namespace n on n.oid = pronamespace
   where proowner = (table mine) and nspname !~ '^(pg_|information_schema$)'
  union all
  select 4, format('%s %I.%I', case typtype when 'd' then 'domain' else 'type' end,
                   nspname, typname), 'pg_type'::regclass, t.oid
    from pg_type t join pg_namespace n on n.oid = typnamespace
   where typowner = (table mine) and typelem = 0
     and (typrelid = 0 or exists (select from pg_class where oid = typrelid and relkind = 'c'))
     and nspname !~ '^(pg_|information_schema$)'
)
select object from objects
 where not exists (select from pg_depend d where d.classid = kind and d.objid = objects.oid
                      and deptype in ('e', 'a', 'i'))
 order by place, object
"""


@dataclass(frozen=True)
class Accounts:
    """Who dbt is, and what the superuser's password is.

    Attributes:
        user: dbt's role: ORDINARY, or SUPERUSER where .env says so.
        password: dbt's.
        superuser_password: the superuser's.
    """

    user: str
    password: str
    superuser_password: str

    @property
    def variables(self) -> dict[str, str]:
        """What .env gets of it."""
        dbts = {"PGUSER": self.user, "PGPASSWORD": self.password}
        own = {} if self.user == SUPERUSER else {SUPERUSER_PASSWORD: self.superuser_password}
        return dbts | own


def accounts(project: Project, superuser_password: str) -> Accounts:
    """The accounts as .env has them, with new passwords where it has none.

    Args:
        project: the project.
        superuser_password: the superuser's; another one is dbt's.
    """
    user = user_of(project)
    if user == SUPERUSER:
        return Accounts(user, superuser_password, superuser_password)
    stored = env_file.read(project.env_path).get("PGPASSWORD")
    password = stored if stored and stored != superuser_password else new_password()
    return Accounts(user, password, superuser_password)


def user_of(project: Project) -> str:
    """dbt's role on a server of ours.

    Raises:
        UserError: .env can't be read.
    """
    stored = env_file.read(project.env_path).get("PGUSER")
    return SUPERUSER if stored == SUPERUSER else ORDINARY


def stored_password(project: Project) -> str:
    """The superuser's password by .env; empty where it has none.

    Raises:
        UserError: .env can't be read.
    """
    stored = env_file.read(project.env_path)
    alone = stored.get("PGPASSWORD", "") if user_of(project) == SUPERUSER else ""
    return stored.get(SUPERUSER_PASSWORD) or alone


def password_variable(project: Project) -> str:
    """Where .env has the superuser's password.

    Raises:
        UserError: .env can't be read.
    """
    return "PGPASSWORD" if user_of(project) == SUPERUSER else SUPERUSER_PASSWORD


def former_password(project: Project) -> str:
    """What was the superuser's before somebody had .env name the ordinary role; empty if unknown.

    Raises:
        UserError: .env can't be read.
    """
    return env_file.read(project.env_path).get("PGPASSWORD", "")


def new_password() -> str:
    """A random one."""
    return secrets.token_urlsafe(24)


def as_superuser(project: Project) -> dict[str, str]:
    """libpq's variables for the engine's own work on a server of ours.

    Raises:
        UserError: .env can't be read.
    """
    found = {"PGUSER": SUPERUSER, "PGPASSWORD": stored_password(project), ROLE_VARIABLE: ""}
    return project.environment(external=False) | found


def provide(project: Project, connection: Connection) -> list[str]:
    """Have dbt's ordinary role, with its password, its database and its rights; tell what was done.

    What the superuser made in this database before there was that role becomes the role's:
    all of it, or nothing.

    Args:
        project: the project.
        connection: the superuser's, to the project's database with its extension.
    """
    if user_of(project) == SUPERUSER:
        return []
    done: list[str] = []
    with connection.transaction():
        asked = "select from pg_roles where rolname = %s"
        if connection.execute(asked, [ORDINARY]).fetchone() is None:
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(ORDINARY)))
            done.append(f"made the role {ORDINARY} for dbt, which is no superuser")
            handed = _hand_over(connection)
            if handed:
                done.append(f"gave it {handed} objects that were the superuser's")
        connection.execute(
            sql.SQL("alter database {} owner to {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(ORDINARY)
            )
        )
        for statement in (*_lacking(connection, project.schema), *_beyond(connection)):
            connection.execute(statement.encode())
    _have_password(project, connection)
    return done


def _hand_over(connection: Connection) -> int:
    objects = [row["object"] for row in connection.execute(_SUPERUSERS)]
    for name in objects:
        connection.execute(f"alter {name} owner to {ORDINARY}".encode())
    return len(objects)


def _lacking(connection: Connection, schema: str) -> list[str]:
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(ORDINARY)))
    lacking = fetch(connection, LackingRights, schema=schema, immediate=True)
    connection.execute("reset role")
    return [right["statement"] for right in lacking]


def _beyond(connection: Connection) -> list[str]:
    """What only a superuser can have done for a dbt that is none; the stand-in needs nothing of it.

    The trigger without which refreshes lose what is written meanwhile (`dbt run` of a superuser
    makes it by itself), and that columns of what stream tables read can be changed.
    """
    asked = f"""
        select {render("pgtrickle__waits_for_writers")} as waits,
               has_parameter_privilege(%s, 'pg_trickle.block_source_ddl', 'set') as sets
          from pg_extension where extname = 'pg_trickle'
    """  # noqa: S608 a condition of our own
    found = connection.execute(asked, [ORDINARY]).fetchone() or {"waits": True, "sets": True}
    grant = f"grant set on parameter pg_trickle.block_source_ddl to {ORDINARY}"
    return [
        *([] if found["waits"] else [render("pgtrickle__wait_for_writers")]),
        *([] if found["sets"] else [grant]),
    ]


def _have_password(project: Project, connection: Connection) -> None:
    """Have the role take the password of .env, if it doesn't yet."""
    environment = project.environment(external=False)
    try:
        open_connection(environment).close()
    except psycopg.OperationalError:
        # scrambled, so that no log of the server ever has it
        scrambled = connection.pgconn.encrypt_password(
            environment["PGPASSWORD"].encode(), ORDINARY.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(ORDINARY), sql.Literal(scrambled.decode())
            )
        )
