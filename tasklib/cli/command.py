"""How a function becomes a task: invoke's decorator, plain errors, dbt's own arguments."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task, task

from tasklib.base.errors import UserError
from tasklib.cli.arguments import CheckedTask, Number, Text
from tasklib.cli.selectors import Selectors
from tasklib.project import dbt
from tasklib.project.project import SETTINGS_FILE, find_project, read_settings

F = TypeVar("F", bound=Callable[..., None])
# as a shell has it for SIGPIPE
CLOSED_PIPE = 141
# set to anything, it has the way to an error shown too
DEBUG = "PGTRICKLE_DEBUG"
# what invoke itself reads out of invoke.yaml
OF_INVOKE = ("run", "runners", "sudo", "tasks", "timeouts")


def command(**options: Any) -> Callable[[F], F]:
    """invoke's task decorator; a UserError ends the task with its text and exit status only.

    Args:
        options: invoke's; a help text that is a Number says what the argument may be as well.
    """
    options = {"klass": CheckedTask, **options}
    numbers = {**getattr(options["klass"], "NUMBERS", {}), **options.get("help", {})}

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> None:
            try:
                for name, number in numbers.items():
                    given = kwargs.get(name.replace("-", "_"))
                    if isinstance(number, Number) and given is not None:
                        kwargs[name.replace("-", "_")] = number.read(name, given)
                function(*args, **kwargs)
            except UserError as error:
                if os.environ.get(DEBUG):
                    traceback.print_exc()
                raise Exit(str(error), code=error.exit_code) from None
            except BrokenPipeError:
                # whoever read it has seen enough, and so must Python's own flush at the end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise Exit(code=CLOSED_PIPE) from None

        return cast(F, task(run, **options))

    return decorate


def require_settings(root: Path) -> None:
    """Tell what is wrong with invoke.yaml before invoke itself stumbles over it.

    Raises:
        Exit: the file is no YAML, or no mapping.
    """
    try:
        if (root / SETTINGS_FILE).exists():
            settings = read_settings(root)
            for key in OF_INVOKE:
                if not isinstance(settings.get(key, {}), dict):
                    raise UserError(
                        f"{root / SETTINGS_FILE}: '{key}:' is invoke's own, and no mapping.",
                        "Take it out, or write what invoke's documentation has below it.",
                        2,
                    )
    except UserError as error:
        raise Exit(str(error), code=error.exit_code) from None


class DbtTask(Task[Any]):
    """A task that takes dbt's usual arguments under dbt's own names."""

    NUMBERS: ClassVar = {"threads": Number("Models to build at once", 1, 1000, whole=True)}

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:  # noqa: ARG002
        """The arguments, instead of those of the function's signature."""
        return [
            Selectors(names=("select", "s"), help="Nodes, one or several: --select a b+"),
            Selectors(names=("exclude",), help="Nodes to leave out"),
            *([] if self.name == "test" else [_full_refresh()]),
            Text(Argument(names=("vars",), help="Variables, as YAML")),
            Text(Argument(names=("target", "t"), help="Target in profiles.yml")),
            Argument(names=("threads",), help=self.NUMBERS["threads"]),
        ]  # fmt: skip


def _full_refresh() -> Argument:
    names = ("full-refresh", "f")
    return Argument(
        names=names, attr_name="full_refresh", kind=bool, default=False, help="Build anew"
    )


def run_dbt(context: Context, *command: str, **flags: Any) -> None:
    """Run dbt with a task's flags and whatever follows `--`; dbt's exit status is the task's.

    Raises:
        UserError: there is no project, or no dbt.
        Exit: dbt failed; it has said why itself.
    """
    arguments = list(command)
    for name, value in flags.items():
        arguments += option(name, value)
    status = dbt.run(find_project(), *arguments, *after_dashes(context))
    if status:
        raise Exit(code=status)


def option(name: str, value: Any) -> list[str]:
    """One of a task's arguments as dbt's command line has it: nothing for what wasn't given."""
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    values = value if isinstance(value, list) else [value] if value else []
    return [word for item in values for word in (flag, str(item))]


def after_dashes(context: Context) -> list[str]:
    """The words after `--` on the command line; invoke joins them, which loses their borders."""
    return sys.argv[sys.argv.index("--") + 1 :] if context.remainder else []
