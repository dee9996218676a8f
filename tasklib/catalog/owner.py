"""Others' code with no more rights than its owner's: a stream table's query, and its refresh.

A query is somebody's code, and pg_trickle 0.67.0 refreshes with the rights of whoever asks for it.
SET ROLE alone is no wall: what runs behind it can RESET ROLE. What a function with SECURITY DEFINER
runs can't, so each statement goes through one that its owner owns.
"""

from __future__ import annotations

import json
import uuid
from typing import Any, cast

import psycopg
from psycopg import sql

from tasklib.base.display import warn
from tasklib.catalog.database import SESSION, Connection, note_scheduler_path
from tasklib.catalog.queries import first_line
from tasklib.catalog.rows import AnyRow

# Whatever the statement has left open or put off would run when the transaction ends, as whoever
# called. It may have set what our next statements are read by.
_BODY = """
declare
  answer text;
begin
  perform set_config('search_path', path, true);
  execute statement into answer;
  set constraints all immediate;
  execute 'close all';
  return answer;
end
"""
_CREATE = """
create function pg_temp.{name}(statement text, path text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as {body}
"""
_TRY = "create function pg_temp.dbt_pgtrickle_may() returns int language sql return 1"
_told: set[str] = set()


class Owner:
    """The owner of a stream table, for whom statements run in the caller's transaction.

    Args:
        connection: to the database.
        name: the owner's; None for this role itself. Where this role may not act for it, its own
            rights have to do, with a warning.
    """

    def __init__(self, connection: Connection, name: str | None) -> None:
        self._connection = connection
        self.path = note_scheduler_path(connection)
        self._me = str(connection.execute("select current_user as me").fetchall()[0]["me"])
        self._role = name if name and name != self._me and self._may_act_for(name) else ""
        self._sealed = ""

    def call(self, function: str, *arguments: object, **named: object) -> None:
        """Call one of pg_trickle's functions, such as refresh_stream_table."""
        parts = [
            *(sql.Literal(value) for value in arguments),
            *(
                sql.SQL("{} => {}").format(sql.Identifier(key), sql.Literal(value))
                for key, value in named.items()
            ),
        ]
        called = sql.SQL("select 'done' from pgtrickle.{}({})").format(
            sql.Identifier(function), sql.SQL(", ").join(parts)
        )
        self.ask(called)

    def ask(self, statement: sql.Composable | str, path: str | None = None) -> Any:
        """Run one statement; give the text of the first column of its first row, None if none.

        Args:
            statement: its functions have their schema, for it is read under the search_path of
                stream tables' queries.
            path: another search_path.
        """
        text = statement if isinstance(statement, str) else statement.as_string(self._connection)
        used = self.path if path is None else path
        with self._connection.transaction():
            if self._role:
                return self._ask_as_owner(text, used)
            self._set_path(used)
            cursor = _one(self._connection, text)
            row = cursor.fetchone() if cursor.description else None
            self._connection.execute(SESSION)
        return next(iter(row.values())) if row else None

    def view(self, query: str) -> str:
        """Make a temporary view of a query, whose names are found as the scheduler finds them.

        It isn't run. One that is more than one statement is refused.

        Raises:
            psycopg.Error: PostgreSQL refuses it.
        """
        name = f"dbt_pgtrickle_{uuid.uuid4().hex}"
        with self._connection.transaction():
            self._become(self._role)
            self._set_path(self.path)
            _one(self._connection, f"create temporary view {name} as\n{query}")
            self._connection.execute(SESSION)
            self._become(self._me if self._role else "")
        return f"pg_temp.{name}"

    def seal(self) -> None:
        """Let the rest of the transaction read only."""
        if self._role:
            self._sealed = self._function()
        self._connection.execute("set transaction read only")

    def _ask_as_owner(self, statement: str, path: str) -> Any:
        # its owner could replace it: never used again where anything can be written
        name = self._sealed or self._function()
        call = sql.SQL("select pg_temp.{}(%s, %s) as answer").format(sql.Identifier(name))
        row = self._connection.execute(call, (statement, path)).fetchone()
        self._connection.execute(f"{SESSION}; set standard_conforming_strings = on")
        note_scheduler_path(self._connection, self.path)
        if not self._sealed:
            dropped = sql.SQL("drop function pg_temp.{}(text, text)").format(sql.Identifier(name))
            self._connection.execute(dropped)
        return row["answer"] if row else None

    def _function(self) -> str:
        name = f"dbt_pgtrickle_{uuid.uuid4().hex}"
        self._become(self._role)
        self._connection.execute(
            sql.SQL(_CREATE).format(name=sql.Identifier(name), body=sql.Literal(_BODY))
        )
        self._become(self._me)
        return name

    def _may_act_for(self, name: str) -> bool:
        try:
            with self._connection.transaction(force_rollback=True):
                self._become(name)
                self._connection.execute(_TRY)
        except psycopg.Error as error:
            found = self._connection.execute(
                "select rolsuper from pg_roles where rolname = %s", (name,)
            )
            trusted = found.fetchone() or {"rolsuper": False}
            if name not in _told and not trusted["rolsuper"]:
                _told.add(name)
                warn(f"What {name} owns runs with the rights of {self._me}: {first_line(error)}.")
            return False
        return True

    def _become(self, role: str) -> None:
        if role:
            self._connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))

    def _set_path(self, path: str) -> None:
        self._connection.execute("select pg_catalog.set_config('search_path', %s, true)", (path,))


def ask_json(owner: Owner, query: str) -> AnyRow:
    """The one row of a query, as JSON has it."""
    text = "pg_catalog.to_jsonb(answer)::pg_catalog.text"
    answer = owner.ask(f"select {text} from (\n{query}\n) as answer")  # noqa: S608 ours
    return cast(AnyRow, json.loads(answer))


def _one(connection: Connection, statement: str) -> psycopg.Cursor[AnyRow]:
    """Run what is one statement; the protocol that takes binary answers refuses more."""
    return connection.execute(statement.encode(), binary=True)
