"""What comes out of the template: its files, and that dbt reads them without a word."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import stat
import sys
from pathlib import Path
from unittest import mock

import pytest
import yaml

from tasklib.project.profile import target
from tests.support.dbt_runner import invoke
from tests.support.postgres import ROOT
from tests.template.helpers import BIN, copy_project, git_save, run, working_tree
from tests.template.test_questions import QUESTIONS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SHOP = {"customer_orders", "daily_revenue", "order_payments", "loyal_customers", "customer_ranking"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the default answers, only to be read."""
    return copy_project(tmp_path_factory.mktemp("projects") / "my shop, größer")


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def parse(project: Path) -> tuple[bool, str]:
    """Let dbt parse a project as if no database had ever been up; warnings are errors."""
    lines: list[str] = []
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    with mock.patch.dict(os.environ, environment, clear=True):
        outcome = invoke(
            ["--quiet", "--warn-error", "--no-send-anonymous-usage-stats", "parse",
             "--project-dir", str(project), "--profiles-dir", str(project)],
            lambda event: lines.append(event.info.msg),
        )  # fmt: skip
    return outcome.success, f"{outcome.exception or ''}\n" + "\n".join(lines)


def what_dbt_reads(project: Path) -> tuple[tuple[str, bytes], ...]:
    seen = ("dbt_project.yml", "models/", "seeds/", "tests/", "macros/")
    return tuple(
        (name, (project / name).read_bytes())
        for name in sorted(files(project))
        if name.startswith(seen)
    )


def test_every_combination_of_answers_parses_without_warnings(tmp_path: Path) -> None:
    """Parses each distinct project; the engine makes none (see the next test)."""
    # what every project has of the repository is copied once, and not by copier: it isn't asked
    template = working_tree(tmp_path / "template")
    for name in ("macros", "tasklib"):
        shutil.rmtree(template / name)
        (template / name).mkdir()
    seen: dict[tuple[tuple[str, bytes], ...], Path] = {}
    versions = QUESTIONS["dbt_version"]["choices"]
    for version, sample in itertools.product(versions, QUESTIONS["sample_models"]["choices"]):
        project = copy_project(
            tmp_path / f"{version}_{sample}", template, dbt_version=version, sample_models=sample
        )
        tomllib.loads((project / "pyproject.toml").read_text())
        seen.setdefault(what_dbt_reads(project), project)
    for project in seen.values():
        shutil.copytree(ROOT / "macros", project / "macros" / "pgtrickle", dirs_exist_ok=True)
        success, log = parse(project)
        assert success, f"{project.name}: {log}"


def test_engine_changes_nothing_but_the_settings(tmp_path: Path, shop: Path) -> None:
    for engine in QUESTIONS["engine"]["choices"].values():
        project = copy_project(tmp_path / engine, engine=engine)
        settings = yaml.safe_load((project / "invoke.yaml").read_text())["pgtrickle"]
        assert settings["engine"] == engine
        assert files(project) == files(shop)
        for name in files(shop) - {"invoke.yaml", ".copier-answers.yml"}:
            assert (project / name).read_bytes() == (shop / name).read_bytes(), name


def test_project_has_its_rooms(shop: Path) -> None:
    for name in (
        "dbt_project.yml", "profiles.yml", "invoke.yaml", "pyproject.toml", ".env.example",
        ".gitignore", "README.md", ".copier-answers.yml", "models/sources/sources.yml",
        "models/staging/README.md", "models/marts/README.md", "seeds/README.md",
        "tests/README.md", "tasks.py", "tasklib/base/errors.py", ".sqlfluff", ".editorconfig", ".envrc",
        ".pre-commit-config.yaml", ".devcontainer/devcontainer.json", ".gitattributes",
        "docs/codes.md", "docs/settings.md", "docs/tasks.md", "tasklib/README.md", "macros/pgtrickle/README.md",
        "macros/pgtrickle/materializations/stream_table.sql",
        "tasklib/pg_trickle_lite/share/extension/pg_trickle_lite.control",
    ):  # fmt: skip
        assert (shop / name).is_file(), name


def test_links_become_files_equal_to_the_originals(shop: Path) -> None:
    assert not [path for path in shop.rglob("*") if path.is_symlink()]
    assert (shop / "tasks.py").read_bytes() == (ROOT / "tasks.py").read_bytes()
    originals = {n for n in files(ROOT / "macros") if "__pycache__" not in n}
    assert files(shop / "macros" / "pgtrickle") == originals


@pytest.mark.quick
def test_nothing_is_left_unrendered(shop: Path) -> None:
    for name in files(shop):
        assert not name.endswith(".jinja") and "[[" not in name, name
        if name.endswith((".yml", ".yaml", ".toml", ".md", ".sql", ".example")):
            text = (shop / name).read_text(encoding="utf-8")
            assert "[[ " not in text and "[% " not in text, name


def test_caches_secrets_and_databases_are_never_copied(tmp_path: Path) -> None:
    template = working_tree(tmp_path / "template")
    strays = [
        "tasklib/__pycache__/errors.cpython-311.pyc", "tasklib/x.pyc", "template/.env",
        "template/.pgtrickle/data/PG_VERSION", "tasklib/.mypy_cache/x", "tasklib/.ruff_cache/x",
        "template/target/manifest.json", "template/logs/dbt.log", "template/dbt_packages/x/y.sql",
    ]  # fmt: skip
    for name in strays:
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        (template / name).write_text("stray")
    project = copy_project(tmp_path / "shop", template)
    assert not [n for n in files(project) if (project / n).read_bytes() == b"stray"]


def test_answers_reach_dbt_and_invoke(tmp_path: Path) -> None:
    project = copy_project(
        tmp_path / "shop", project_name="Käse & Co", project_slug="kaese", dbt_schema="mart",
        engine="external", port="20000", pg_trickle_version="0.67.0", dbt_version="1.8",
    )  # fmt: skip
    profile = target(project, {})
    assert isinstance(profile, dict)
    assert (profile["schema"], profile["port"], profile["dbname"]) == ("mart", "20000", "kaese")
    assert yaml.safe_load((project / "invoke.yaml").read_text())["pgtrickle"] == {
        "slug": "kaese", "database": "kaese", "schema": "mart",
        "engine": "external", "port": 20000, "version": "0.67.0",
    }  # fmt: skip
    package = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (package["name"], package["description"]) == ("kaese", "Käse & Co")
    assert {"dbt-core~=1.8.0", "dbt-postgres~=1.8.0"} <= set(package["dependencies"])
    assert "# Käse & Co" in (project / "README.md").read_text(encoding="utf-8")


def test_project_needs_what_the_shared_code_needs(shop: Path) -> None:
    here = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    there = tomllib.loads((shop / "pyproject.toml").read_text())["project"]["dependencies"]
    shared = {item for item in here if not item.startswith(("copier", "dbt-"))}
    assert shared == {item for item in there if not item.startswith("dbt-")}
    adopted = (shop / "tasklib" / "requirements.txt").read_text().splitlines()
    assert shared == {line for line in adopted if not line.startswith("#")}


def test_marts_are_stream_tables_by_default(shop: Path) -> None:
    models = yaml.safe_load((shop / "dbt_project.yml").read_text())["models"]["my_stream_tables"]
    assert models["marts"] == {
        "+materialized": "stream_table", "+schedule": "2s", "+refresh_mode": "DIFFERENTIAL",
    }  # fmt: skip


def test_sample_describes_and_tests_every_model(shop: Path) -> None:
    marts = yaml.safe_load((shop / "models/marts/shop/marts.yml").read_text())["models"]
    assert {model["name"] for model in marts} == SHOP
    for model in marts:
        assert model["description"] and "stream_table_healthy" in model["data_tests"]
        assert all(column["description"] for column in model["columns"])
        assert any("unique" in column.get("data_tests", ()) for column in model["columns"])


def test_without_sample_there_is_a_switched_off_example_instead(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "plain", sample_models="no")
    own = {n for n in files(project) if n.startswith(("models/", "seeds/", "tests/"))}
    assert own == {
        "models/sources/sources.yml", "models/staging/README.md", "models/marts/README.md",
        "models/marts/example.sql", "seeds/README.md", "tests/README.md",
    }  # fmt: skip
    assert not [name for name in files(project) if "shop" in Path(name).parts]


def test_next_commands_are_told_after_copying(tmp_path: Path) -> None:
    output = run(
        str(BIN / "copier"), "copy", "--defaults", "--vcs-ref", "HEAD", str(ROOT), "my shop",
        cwd=tmp_path,
    )  # fmt: skip
    told = output[output.index("is ready") :]
    position = [told.index(c) for c in ("pip install -e .", "invoke up", "invoke build")]
    assert position == sorted(position)
    assert 'cd "my shop"' in told


def test_update_brings_the_template_forward_and_keeps_the_users_work(tmp_path: Path) -> None:
    template = working_tree(tmp_path / "template")
    run("git", "init", "-q", "-b", "main", cwd=template)
    git_save(template, tag="1.0.0")
    answers = {"project_slug": "mine", "deploy": "cloudnativepg"}
    project = copy_project(tmp_path / "shop", template, **answers)
    run("git", "init", "-q", "-b", "main", cwd=project)
    git_save(project)
    (project / ".env").write_text("PGPASSWORD=secret\n")
    (project / ".env").chmod(0o600)
    (project / "models/marts/orders_by_city.sql").write_text("select 1 as n")
    settings = project / "invoke.yaml"
    settings.write_text(settings.read_text().replace("version: latest", "version: 0.67.0"))
    backups = project / "deploy/cloudnativepg/backups.yaml"
    backups.write_text(backups.read_text().replace("s3.example.com", "s3.mine.org"))
    models = project / "dbt_project.yml"
    models.write_text(models.read_text().replace("+schedule: 2s", "+schedule: 1h"))
    git_save(project)

    (template / "tasks.py").write_text((template / "tasks.py").read_text() + "\n# newer\n")
    theirs = template / "template/dbt_project.yml.jinja"
    theirs.write_text(theirs.read_text().replace("'2s'", "'5s'"))
    (template / "template/.env").write_text("PGPASSWORD=overwritten\n")
    gitignore = template / "template/.gitignore"
    gitignore.write_text("*.swp\n" + gitignore.read_text().replace(".env\n", ""))
    git_save(template, tag="1.1.0")
    told = run(str(BIN / "copier"), "update", "--defaults", cwd=project)
    command = told.split("these are the places to settle: ")[1].splitlines()[0]
    conflicts = run(*command.split(), cwd=project, check=False)
    assert {line.split(":")[0] for line in conflicts.splitlines()} == {"dbt_project.yml"}
    assert "+schedule: 1h" in models.read_text() and "+schedule: 5s" in models.read_text()

    assert (project / "tasks.py").read_text().endswith("# newer\n")
    assert (project / ".env").read_text() == "PGPASSWORD=secret\n"
    assert stat.S_IMODE((project / ".env").stat().st_mode) == 0o600
    assert (project / "models/marts/orders_by_city.sql").exists()
    assert "version: 0.67.0" in settings.read_text()
    assert "s3.mine.org" in backups.read_text()
    assert not (project / "deploy/citus").exists()
    assert "_commit: 1.1.0" in (project / ".copier-answers.yml").read_text()
    fresh = copy_project(tmp_path / "fresh", template, **answers)
    assert (project / "tasks.py").read_bytes() == (fresh / "tasks.py").read_bytes()
    assert not [n for n in files(project) if n.endswith((".rej", ".orig"))]


def test_the_readme_names_every_task(shop: Path) -> None:
    text = (shop / "README.md").read_text()
    tasks = re.findall(r"^def ([a-z_]+)\(\s*_?context", (ROOT / "tasks.py").read_text(), re.M)
    names = {task.replace("_", "-") for task in tasks}
    assert len(names) > 20
    assert {name for name in names if f"invoke {name}" not in text and f"`{name}" not in text} == (
        set()
    )


def test_the_readme_says_what_an_update_needs_and_leaves(shop: Path) -> None:
    text = (shop / "README.md").read_text()
    for told in ("git repository", "<<<<<<< before updating", "git diff --check", "sample_models=no",
                 "block_source_ddl"):  # fmt: skip
        assert told in text
