"""dbt v2's driver for PostgreSQL.

dbt fetches one from its makers when it first connects, into the user's cache. Where the package
adbc-driver-postgresql is installed, its library does as well, without that.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

# Where 2.0.0a4 and 2.0.0-beta.2 look; one that looks elsewhere fetches its own.
PLACE = "com.getdbt/adbc/x86_64-manylinux_2_17-linux-gnu"
NAME = "libadbc_driver_postgresql-0.21.0+dbt0.21.0.so"
PACKAGE = "adbc_driver_postgresql"


def provide(environment: Mapping[str, str]) -> None:
    """Put the package's library where dbt looks, unless one is there.

    Args:
        environment: dbt's.
    """
    found = importlib.util.find_spec(PACKAGE)
    if not found or not found.origin or (platform.system(), platform.machine()) != (
        "Linux", "x86_64",
    ):  # fmt: skip
        return
    library = Path(found.origin).with_name("libadbc_driver_postgresql.so")
    cache = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME', '~')}/.cache"
    place = Path(cache).expanduser() / PLACE / NAME
    if place.exists() or not library.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    # several dbt may come here at once
    copy = place.with_name(f"{NAME}.{os.getpid()}")
    shutil.copy(library, copy)
    copy.replace(place)
