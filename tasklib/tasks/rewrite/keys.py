"""Primary keys that tables under a query could have: with one, more of it stays incremental."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
import yaml
from psycopg import sql

from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.rows import AnyRow
from tasklib.catalog.trial import make_functions
from tasklib.project import manifest
from tasklib.project.project import Project
from tasklib.tasks.rewrite.files import FileChange

# a table's columns by its "schema.name"
Keys = Mapping[str, Sequence[str]]
MACRO = "pgtrickle_primary_key"


def possible_keys(connection: Connection, query: str, owner: str | None = None) -> Keys:
    """A key for each table under a query that has none: a column that is distinct and never NULL.

    Args:
        connection: to the database.
        query: SQL.
        owner: the role with whose rights; None: this one.

    Raises:
        psycopg.Error: PostgreSQL refuses the query.
    """
    make_functions(connection)
    with connection.transaction(force_rollback=True):
        acting = Owner(connection, owner)
        asked = sql.SQL(
            "select pg_temp.dbt_pgtrickle_trial_sources({}, {}, {}::pg_catalog.jsonb)"
            "::pg_catalog.text"
        ).format(query, acting.path, json.dumps({"rows": 1}))
        relations: list[AnyRow] = json.loads(acting.ask(asked))["relations"]
        found = {
            relation["name"]: _key(acting, relation)
            for relation in relations
            if relation["kind"] == "r" and not relation["keys"] and not relation["stream_table"]
        }
    return {name: columns for name, columns in found.items() if columns}


def key_changes(project: Project, keys: Keys) -> tuple[list[FileChange], list[str]]:
    """How tables come by their keys: files to write for seeds, what to do for the others.

    Args:
        project: the project.
        keys: from possible_keys.
    """
    files, told = [], []
    for name, columns in keys.items():
        seed = manifest.seed(project, name)
        hook = f"{{{{ {manifest.macro_call(project, MACRO)}('{columns[0]}') }}}}"
        path = project.root / seed["original_file_path"] if seed else Path()
        if seed and not seed.get("patch_path") and not path.with_suffix(".yml").exists():
            described = {"name": seed["name"], "config": {"post_hook": hook}}
            text = yaml.safe_dump({"version": 2, "seeds": [described]}, sort_keys=False)
            files.append(FileChange(path.with_suffix(".yml"), None, text))
        elif seed:
            told.append(f'The seed {seed["name"]} needs its key: post_hook: "{hook}"')
        else:
            told.append(f"{name} needs its key: {_add_key(name, columns)}")
    return files, told


def _add_key(name: str, columns: Sequence[str]) -> str:
    table = sql.Identifier(*name.split(".", 1))
    statement = sql.SQL("alter table {} add primary key ({})")
    return statement.format(table, sql.SQL(", ").join(map(sql.Identifier, columns))).as_string()


def _key(acting: Owner, relation: AnyRow) -> list[str]:
    """The likeliest of its columns by name, if the data agree."""
    names = [column["name"] for column in relation["columns"] if not column["generated"]]
    for name in sorted(names, key=lambda one: _unlikely(one, relation["table"], names))[:2]:
        if _is_distinct(acting, relation, name):
            return [name]
    return []


def _unlikely(name: str, table: str, names: Sequence[str]) -> tuple[int, int]:
    """`id` first, then `order_id` of `raw_orders`, then what stands first."""
    if name.lower() == "id":
        return 0, 0
    subject = name.lower().removesuffix("_id").removesuffix("_key")
    return (1 if subject != name.lower() and subject in table.lower() else 2), names.index(name)


def _is_distinct(acting: Owner, relation: AnyRow, name: str) -> bool:
    statement = sql.SQL(
        "select (pg_catalog.count(*) operator(pg_catalog.=) pg_catalog.count(distinct {0}) and "
        "pg_catalog.count(*) operator(pg_catalog.>) 0)::pg_catalog.text from {1}"
    )
    table = sql.Identifier(relation["schema"], relation["table"])
    try:
        return bool(acting.ask(statement.format(sql.Identifier(name), table)) == "true")
    except psycopg.Error:
        return False
