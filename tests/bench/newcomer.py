"""What a newcomer waits for: python -m tests.bench.newcomer [--repeats 3] [--without-demo].

`copier copy`, `invoke --list` in what it made; then once each `pip install -e .` of it in a new
environment, and `script/demo` in a new clone, twice: with the environment to be made, packages as
pip has them in its cache, and with it there. Prints medians, asserts nothing. The goals: 1.5 s,
0.3 s, as little as can be, 45 s.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench import costs
from tests.bench.costs import Cost
from tests.support.postgres import ROOT

ANSWERS = ("--defaults", "--quiet", "--vcs-ref", "HEAD", "--data", "engine=embedded")


def main() -> None:
    """Measure one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--without-install", action="store_true")
    parser.add_argument("--without-demo", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pgtrickle-newcomer-") as name:
        folder = Path(name)
        # root's server runs under another account, which has to enter
        folder.chmod(0o755)
        clone, project = folder / "clone", folder / "copy0"
        costs.run("git", "clone", "--quiet", str(ROOT), clone, cwd=folder)
        copies = [folder / f"copy{n}" for n in range(asked.repeats)]
        _show("copier copy", [_copy(clone, copy) for copy in copies])
        _show("invoke --list", [_python(project, "invoke", "--list") for _ in range(asked.repeats)])
        if not asked.without_install:
            _install(project, folder / "environment")
        if not asked.without_demo:
            for what in ("script/demo, a new environment", "script/demo, the same environment"):
                _show(what, [costs.run(clone / "script" / "demo", cwd=clone).cost])


def _copy(template: Path, project: Path) -> Cost:
    return _python(template, "copier", "copy", *ANSWERS, str(template), str(project))


def _python(folder: Path, module: str, *args: str) -> Cost:
    return costs.run(sys.executable, "-m", module, *args, cwd=folder).cost


def _install(project: Path, environment: Path) -> None:
    _python(project, "venv", str(environment))
    pip = (environment / "bin" / "python", "-m", "pip")
    before, there = _size(environment), _packages(environment)
    installed = costs.run(*pip, "install", "-qq", "-e", ".", cwd=project)
    # the project itself is none of them
    packages = _packages(environment) - there - 1
    size = (_size(environment) - before) / 10**6
    _show(f"pip install: {packages} packages, {size:.0f} MB", [installed.cost])


def _packages(environment: Path) -> int:
    return len(list(environment.glob("lib/*/site-packages/*.dist-info")))


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def _show(what: str, some: list[Cost]) -> None:
    costs.show(what, {f"median of {len(some)}": costs.median(some)})


if __name__ == "__main__":
    main()
