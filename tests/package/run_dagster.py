"""Runs in another virtualenv: a dbt project as Dagster's assets, parsed and built once."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagster import AssetExecutionContext, materialize
from dagster_dbt import DbtCliResource, dbt_assets


def main(root: Path) -> None:
    """Print what was made, and how many checks there were and passed."""
    dbt = DbtCliResource(project_dir=root, profiles_dir=root)
    dbt.cli(["parse"], target_path=root / "target").wait()

    @dbt_assets(manifest=root / "target" / "manifest.json")
    def shop(context: AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        yield from dbt.cli(["build"], context=context).stream()

    done = materialize([shop], resources={"dbt": dbt})
    made = done.get_asset_materialization_events()
    checks = done.get_asset_check_evaluations()
    told = {
        "made": sorted(one.asset_key.path[-1] for one in made if one.asset_key),
        "checks": len(checks),
        "passed": sum(one.passed for one in checks),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
