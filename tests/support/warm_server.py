"""The warmed-up parent of tests/support/warm.py: it has imported what is slow, and forks.

Nothing of this repository is imported here: a child imports the tasks of the project in which it
runs, as a process that was started does. It ends with its standard input.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

# What `invoke` and dbt import from outside of this repository, also late.
SLOW = (
    "invoke.main", "psycopg.types.json", "rich.console", "rich.live", "rich.table", "psutil",
    "yaml", "dotenv", "packaging.version", "jinja2", "platformdirs", "requests", "docker",
    "croniter", "sqlglot", "sqlglot.optimizer.qualify", "dbt.cli.main", "dbt.adapters.postgres",
)  # fmt: skip
# By the name of the program: the module and what to call in it.
PROGRAMS = {
    "invoke": ("invoke.main", "program.run"),
    "dbt": ("dbt.cli.main", "cli"),
    "worker": ("tasklib.pg_trickle_lite.worker", "main"),
}
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def main(address: str) -> None:
    """Fork a child for whoever connects."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        print("listening", flush=True)
        for name in SLOW:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        gc.freeze()
        signal.signal(signal.SIGCHLD, reap)
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                attend(connection)
                os._exit(0)
            connection.close()


def reap(*_: object) -> None:
    """Let go of the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def attend(connection: socket.socket) -> None:
    """Have a child be the program, and tell its process id and its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, files, _, _ = socket.recv_fds(connection, 2**20, len(STREAMS))
    while more := connection.recv(2**20):
        text += more
    child = os.fork()
    if child == 0:
        connection.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os._exit(run(*ast.literal_eval(text.decode())))
    for file in files:
        os.close(file)
    connection.sendall(f"{child}\n".encode())
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError):  # whoever asked may be gone
        connection.sendall(f"{status}\n".encode())


def run(folder: str, environment: dict[str, str], umask: int, words: list[str]) -> int:
    """Be the program, with what an interpreter takes from whoever starts it."""
    program = Path(words[0])
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv, sys.executable = words, str(program.with_name("python"))
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [str(program.parent), *(path for path in paths if path)]
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in environment
    encoding, _, errors = environment.get("PYTHONIOENCODING", "utf-8").partition(":")
    for number, (name, mode) in enumerate(STREAMS):
        stream = open(  # noqa: SIM115 it is the process's own
            number, mode, 1 if os.isatty(number) else -1, encoding, errors or None, closefd=False
        )
        setattr(sys, name, stream)
    try:
        return call(*PROGRAMS[program.name])
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()


def call(module: str, name: str) -> int:
    """Call a program's function to its end; give the exit status."""
    try:
        function: Any = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        status = function()
    except SystemExit as end:
        status = end.code
    except BaseException:  # as the interpreter does
        sys.excepthook(*sys.exc_info())
        return 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
        return 1
    return int(status or 0)


if __name__ == "__main__":
    main(sys.argv[1])
