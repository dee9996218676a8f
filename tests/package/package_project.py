"""A dbt project as a package user has it: the repository's root installed through packages.yml, no macro of it copied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database

# the one setting that a user adds for what dbt only asks a root project, or a package that it names: schema and
# alias of a stream_table_schema and stream_table_name, and docs without pg_trickle's own columns
DISPATCH = [{"macro_namespace": "dbt", "search_order": ["shop", "dbt_pgtrickle", "dbt"]}]


def package_project(
    root: Path, database: Database, files: Mapping[str, str], **settings: Any
) -> DbtProject:
    """Make the project; `dbt deps` is left to the caller. settings: further keys of dbt_project.yml."""
    project = DbtProject(root, database)
    project.configure(**{"on-run-end": [], "dispatch": DISPATCH, **settings})
    project.write({"packages.yml": yaml.safe_dump({"packages": [{"local": str(ROOT)}]}), **files})
    return project
