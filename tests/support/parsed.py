"""Projects that dbt has parsed, to be copied: parsing takes longer than most tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.dbt_project import make_project
from tests.support.postgres import STAND_IN, Database
from tests.support.temporary import new_folder

_folders: dict[tuple[tuple[str, str], ...], Path] = {}


def parsed_project(database: Database, files: Mapping[str, str]) -> Path:
    """The folder of a project of these files, parsed for the database, so that dbt goes on there.

    pg_trickle's databases never come back under a name: for those it is parsed once, for another.
    """
    own = database.extension == STAND_IN
    params = database.params if own else {**database.params, "dbname": "postgres"}
    bound = Database(params, database.extension)
    key = (*files.items(), *bound.env.items())
    if key not in _folders:
        root = new_folder()
        make_project(root, bound, files).dbt("parse")
        _folders[key] = root
    return _folders[key]
