"""What dbt v2, the one written in Rust, has to be told besides the project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tasklib import dbt_driver, profile

# It takes its adapter for PostgreSQL for an experiment, which it refuses otherwise.
EXPERIMENTAL = "DBT_ALLOW_EXPERIMENTAL_ADAPTERS"
# What it doesn't read of a profile (2.0.0a4, 2.0.0rc196), and libpq's own variables for that.
VARIABLES = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}  # fmt: skip
OPTIONS = ("role", "search_path")


def environment(root: Path, given: Mapping[str, str]) -> dict[str, str]:
    """An environment for dbt v2, in which TLS, role and search_path of the profile hold too.

    Args:
        root: the project's folder.
        given: what dbt 1 would be given.
    """
    result = {EXPERIMENTAL: "true", **given}
    target = profile.target(root, given)
    if not isinstance(target, str):
        said = {key: str(target.get(key) or "") for key in (*VARIABLES, *OPTIONS)}
        result |= {variable: said[key] for key, variable in VARIABLES.items() if said[key]}
        options = [f"-c {key}={_escaped(said[key])}" for key in OPTIONS if said[key]]
        if options:
            result["PGOPTIONS"] = " ".join([given.get("PGOPTIONS", ""), *options]).strip()
    dbt_driver.provide(result)
    return result


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
