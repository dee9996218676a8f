"""`invoke` and dbt without the seconds that an interpreter needs to import them.

The folder of `programs` is a virtualenv as this process's own is; only that `invoke` and `dbt` in
it ask a parent that has imported their packages to fork a child, which is that program: with its
folder, environment, input and output, and its signals SIGINT and SIGTERM.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.warm_server import PROGRAMS

HERE = Path(__file__).parent


@functools.cache
def programs() -> Path:
    """The folder with the programs; made on first use, and gone when this process ends."""
    root = Path(tempfile.mkdtemp(prefix="pgtrickle-warm-"))
    root.chmod(0o755)
    folder = root / "bin"
    folder.mkdir()
    own = Path(sys.prefix)
    if (own / "pyvenv.cfg").exists():
        shutil.copy(own / "pyvenv.cfg", root)
        (root / "lib").symlink_to(own / "lib")
    python = folder / "python"
    python.symlink_to(sys.executable)
    # neither site packages nor variables: it starts in a tenth of the time
    client = f"#!{python} -ISE\n{(HERE / 'warm_client.py').read_text()}"
    for name in PROGRAMS:
        (folder / name).write_text(client)
        (folder / name).chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, HERE / "warm_server.py", folder / "socket"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    atexit.register(_end, server, root)
    assert server.stdout is not None
    assert server.stdout.readline() == b"listening\n"
    return folder


def _end(server: subprocess.Popen[bytes], root: Path) -> None:
    server.communicate()
    shutil.rmtree(root, ignore_errors=True)
