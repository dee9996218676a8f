"""A page as headless Chromium shows it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
SCALE = 0.5
OWN = "not an origin"


@dataclass(frozen=True)
class Shown:
    """What Chromium made of a page.

    Attributes:
        dom: the document after its scripts ran.
        console: what its scripts said on the console.
        requests: every address that it asked for; the browser asks for some by itself.
        screenshot: a PNG file.
    """

    dom: str
    console: list[str]
    requests: set[str]
    screenshot: Path


@functools.cache
def browser() -> str:
    """The browser's path. Root on Debian installs it; elsewhere its absence skips the test."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"]
        for words in (["apt-get", "update", "-qq"], install):
            subprocess.run(
                words, check=False, capture_output=True, timeout=600,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )  # fmt: skip
        found = shutil.which("chromium")
    if not found:
        pytest.skip("there is no Chromium, and it can't be installed here")
    return found


def show(page: Path, folder: Path, *, width: int = 1100, height: int = 2600) -> Shown:
    """Open a file with no network, wait for its scripts, and take a picture."""
    log, picture = folder / "net.json", folder / "page.png"
    base = [
        browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        f"--user-data-dir={folder / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr", "--virtual-time-budget=5000",
    ]  # fmt: skip
    address = page.resolve().as_uri()
    dumped = subprocess.run(
        [*base, f"--log-net-log={log}", "--dump-dom", address],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    subprocess.run(
        [*base, "--hide-scrollbars", f"--window-size={width},{height}",
         f"--force-device-scale-factor={SCALE}", f"--screenshot={picture}", address],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    events = json.loads(log.read_text())["events"]
    return Shown(
        dumped.stdout,
        [line for line in dumped.stderr.splitlines() if ":CONSOLE" in line],
        {
            event["params"]["url"]
            for event in events
            if event.get("params", {}).get("initiator", OWN) != OWN
        },
        picture,
    )


def pixels(png: Path) -> tuple[int, int, dict[bytes, int]]:
    """A PNG's width, height and how often it has each colour (8 bits a channel, not interlaced)."""
    data = png.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert (depth, kind) in {(8, 2), (8, 6)}, "Chromium writes another kind of PNG now"
    size = 3 if kind == 2 else 4
    packed, position = b"", 8
    while position < len(data):
        length = struct.unpack(">I", data[position : position + 4])[0]
        if data[position + 4 : position + 8] == b"IDAT":
            packed += data[position + 8 : position + 8 + length]
        position += length + 12
    lines, step = zlib.decompress(packed), width * size + 1
    above, counts = bytearray(width * size), {}
    for start in range(0, height * step, step):
        line = _unfiltered(lines[start], bytearray(lines[start + 1 : start + step]), above, size)
        for at in range(0, len(line), size):
            colour = bytes(line[at : at + 3])
            counts[colour] = counts.get(colour, 0) + 1
        above = line
    return width, height, counts


def _unfiltered(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    for at in range(len(line)) if kind else ():
        left, corner = (line[at - size], above[at - size]) if at >= size else (0, 0)
        up = above[at]
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda value: abs(guess - value))
        line[at] = (line[at] + (0, left, up, (left + up) // 2, nearest)[kind]) % 256
    return line
