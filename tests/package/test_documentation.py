"""What `dbt docs` shows of the macros that users call."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.dbt_project import make_project
from tests.support.postgres import ROOT, Database

ROOMS = ("columns", "compatibility", "operations", "tests")


def test_every_macro_that_users_call_is_documented_with_its_arguments_as_they_are(
    tmp_path: Path, database: Database
) -> None:
    # dbt compares names, order and types with the macros themselves
    project = make_project(tmp_path, database, {}, flags={"validate_macro_args": True})
    strict = ("--no-partial-parse", "--warn-error-options", "{error: [InvalidMacroAnnotation]}")
    project.dbt("parse", *strict)

    public = [
        macro
        for macro in project.manifest()["macros"].values()
        if re.search(rf"pgtrickle/({'|'.join(ROOMS)})/", macro["path"])
        and "pgtrickle__" not in macro["name"]
    ]
    assert len(public) == sum(
        not path.name.startswith("pgtrickle__")
        for room in ROOMS
        for path in (ROOT / "macros" / room).glob("*.sql")
    )
    assert [macro["name"] for macro in public if not macro["description"].strip()] == []
    assert [
        (macro["name"], argument["name"])
        for macro in public
        for argument in macro["arguments"]
        if not argument["description"].strip()
    ] == []
