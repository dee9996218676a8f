"""A dbt project as a package user has it: the repository installed through packages.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database

# dbt asks only the root project, or a package that is named so, for a model's schema and alias
# (stream_table_schema, stream_table_name) and for the catalog of the docs
DISPATCH = [{"macro_namespace": "dbt", "search_order": ["shop", "dbt_pgtrickle", "dbt"]}]
# what dbt v2 needs, which looks a package's macros up in the root project
MACRO_PATHS = {"macro-paths": ["macros", "dbt_packages/dbt_pgtrickle/macros"], "dispatch": []}


def package_project(
    root: Path, database: Database, files: Mapping[str, str], **settings: Any
) -> DbtProject:
    """Make the project, for `dbt deps` to come. settings: further keys of dbt_project.yml."""
    project = DbtProject(root, database)
    project.configure(**{"on-run-end": [], "dispatch": DISPATCH, **settings})
    project.write({"packages.yml": yaml.safe_dump({"packages": [{"local": str(ROOT)}]}), **files})
    return project
