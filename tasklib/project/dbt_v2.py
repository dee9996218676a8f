"""What dbt v2, the one written in Rust, has to be told besides the project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tasklib.project import dbt_driver, profile

# It takes its adapter for PostgreSQL for an experiment, which it refuses otherwise.
EXPERIMENTAL = "DBT_ALLOW_EXPERIMENTAL_ADAPTERS"
# What it doesn't read of a profile (2.0.0a4, 2.0.0rc196), and libpq's own variables for that.
VARIABLES = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}  # fmt: skip
OPTIONS = ("role", "search_path")


def environment(root: Path, given: Mapping[str, str], target: str = "") -> dict[str, str]:
    """An environment for dbt v2, in which TLS, role and search_path of the profile hold too.

    Args:
        root: the project's folder.
        given: what dbt 1 would be given.
        target: the profile's that is asked for; by default as dbt chooses.
    """
    result = {EXPERIMENTAL: "true", **given}
    output = profile.target(root, {**given, "DBT_TARGET": target} if target else given)
    if not isinstance(output, str):
        said = {key: str(output.get(key) or "") for key in (*VARIABLES, *OPTIONS)}
        result |= {variable: said[key] for key, variable in VARIABLES.items() if said[key]}
        options = [f"-c {key}={_escaped(said[key])}" for key in OPTIONS if said[key]]
        # invoke env may have put them there
        there = given.get("PGOPTIONS", "")
        wanted = [there, *(one for one in options if one not in there)]
        if options:
            result["PGOPTIONS"] = " ".join(wanted).strip()
    dbt_driver.provide(result)
    return result


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
