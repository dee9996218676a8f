"""Stream tables that aren't deployed, and read what is: another project's, a pull request's."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from tasklib.base.display import say, warn
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, as_scheduler, serialize
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import fetch, first_line, render
from tasklib.catalog.rows import LeftBehind
from tasklib.tasks.deploy import versions
from tasklib.tasks.deploy.versions import Move, Whose

STATE = """
    select pgt_schema || '.' || pgt_name as name, pgt_relid::bigint as relid,
      pg_get_userbyid(relowner)::text as owner, status,
      coalesce(entry ->> 'original_query', entry ->> 'defining_query') as query,
      entry ->> 'topk_limit' is not null as limited
    from (select *, to_jsonb(s) as entry from pgtrickle.pgt_stream_tables s) as known
    join pg_catalog.pg_class on pg_class.oid = pgt_relid
    where pgt_schema || '.' || pgt_name = any (%s)
    order by pgt_id
"""


def following(connection: Connection, moves: Sequence[Move]) -> list[str]:
    """The stream tables that read what goes, and stay where they are.

    Args:
        connection: to the database.
        moves: as of Version; those with `has`, what goes by them.

    Raises:
        UserError: something stands in the way of what goes.
    """
    found: list[str] = []
    for row in versions.exchangeable(connection, [move for move in moves if move["has"]]):
        name = f"{row['schema_name']}.{row['table_name']}"
        for obstacle in row["obstacles"]:
            raise UserError(f"{name} can't be replaced: {obstacle}.", "Mend that, then try again.")
        found += row["readers"]
    return sorted(set(found))


def behind(connection: Connection, whose: Whose) -> list[str]:
    """The stream tables that still read a version that was put away.

    A deploy that was killed right after its swap leaves such.

    Args:
        connection: to the database.
        whose: the project whose versions they may read.
    """
    kept = [schema for one in versions.kept(connection, whose) for schema in one.schemas.values()]
    return [row["name"] for row in fetch(connection, LeftBehind, schemas=kept)]


def bind(connection: Connection, names: Sequence[str]) -> None:
    """Have stream tables read what has the names now, and fill them anew; say so.

    One that can't goes on with what it read before, and is named.

    Args:
        connection: to the database.
        names: stream tables, with schema.
    """
    as_scheduler(connection)
    for row in connection.execute(STATE, (list(names),)).fetchall():
        try:
            with connection.transaction():
                serialize(connection)
                owner = Owner(connection, row["owner"])
                aside = render("pgtrickle__hidden_columns_aside", relation=row["relid"])
                for hidden in connection.execute(aside.encode()).fetchall():
                    connection.execute(hidden["statement"].encode())
                owner.call("alter_stream_table", row["name"], query=row["query"])
                if row["limited"]:
                    # naming its query again fills it with every row (observed on 0.67.0)
                    owner.call("refresh_stream_table", row["name"])
                if row["status"] == "SUSPENDED":
                    owner.call("alter_stream_table", row["name"], status="SUSPENDED")
            say(f"{row['name']} is bound to what is there now, and filled anew.")
        except psycopg.Error as error:
            warn(f"{row['name']} goes on with what it read before: {first_line(error)}")
