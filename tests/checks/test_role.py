"""`role:` in the profile: tasks and doctor go on as that role, as dbt does."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator

import pytest
import yaml
from psycopg import sql

from tasklib.base.errors import UserError
from tasklib.engines.external import checks, wants
from tasklib.tasks.doctor import dbt_setup
from tasklib.tasks.freshness import task as freshness
from tests.checks.remedies import carry_out, commands, give_tasks
from tests.checks.shop import Shop

Capsys = pytest.CaptureFixture[str]


@contextlib.contextmanager
def builder(shop: Shop, *, member: bool = True) -> Iterator[str]:
    """A login without rights of its own, and the role with all of them that the profile names."""
    suffix = uuid.uuid4().hex[:8]
    role, user = f"My Builder {suffix}", f"login_{suffix}"
    root, name = shop.project.root, sql.Identifier
    with shop.database.connect() as owner:
        owner.execute(sql.SQL("create role {} superuser").format(name(role)))
        owner.execute(sql.SQL("create role {} login noinherit password 'weak'").format(name(user)))
        if member:
            owner.execute(sql.SQL("grant {} to {}").format(name(role), name(user)))
        profile = yaml.safe_load((root / "profiles.yml").read_text())
        profile["shop"]["outputs"]["dev"]["role"] = role
        (root / "profiles.yml").write_text(yaml.safe_dump(profile))
        with (root / ".env").open("a") as env:
            env.write(f"PGUSER={user}\nPGPASSWORD=weak\n")
        try:
            yield role
        finally:
            owner.execute(sql.SQL("drop role {}").format(name(user)))
            owner.execute(sql.SQL("drop role {}").format(name(role)))


def test_tasks_have_the_rights_of_the_role(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create()
    with builder(scheduled) as role:
        assert freshness.check(scheduled.project, as_json=True) == 0
        assert json.loads(capsys.readouterr().out)["verdict"] == "ok"
        give_tasks(scheduled)
        shown = carry_out(scheduled, "invoke psql -- -Atc 'select current_user'")
        assert shown.strip() == role


def test_doctor_looks_as_the_role_and_says_so(shop: Shop) -> None:
    with builder(shop) as role:
        found = {
            one.subject: one
            for one in checks.examine(shop.project.environment(), wants.of(shop.project))
        }
        assert f"as {role}" in found["reachable"].cause
        (profile,) = dbt_setup.profile(shop.project, reachable=True)
        assert (profile.verdict, f"takes the role {role}" in profile.cause) == ("ok", True)


def test_a_role_that_the_user_may_not_take_is_told_with_its_grant(shop: Shop) -> None:
    with builder(shop, member=False) as role:
        with pytest.raises(UserError, match="can't be taken") as raised:
            freshness.check(shop.project)
        (found,) = checks.examine(shop.project.environment(), wants.of(shop.project))
        assert (found.subject, found.verdict) == ("role", "error")
        (profile,) = dbt_setup.profile(shop.project, reachable=True)
        assert (profile.verdict, role in profile.cause) == ("error", True)
        carry_out(shop, commands(raised.value.remedy)[0])
        shop.create()
        freshness.check(shop.project)
