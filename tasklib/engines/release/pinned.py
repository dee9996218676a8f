"""Which release of pg_trickle a project uses: resolved once, then pinned with its checksums."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tasklib.base.display import waiting
from tasklib.base.errors import UserError
from tasklib.engines import pins
from tasklib.engines.release.place import SUMS
from tasklib.engines.release.source import source
from tasklib.project.project import Project

PIN = "release"
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
# It becomes part of paths and addresses.
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]*")
_ARCHIVE = re.compile(r"pg_trickle-([0-9][0-9A-Za-z.+-]*?)-pg18-([a-z0-9-]+)\.(?:tar\.gz|zip)")


@dataclass(frozen=True)
class Release:
    """One version's archive for this machine.

    Attributes:
        version: such as 0.67.0.
        name: the archive's file name.
        sha256: its checksum, in hex.
        pin: what keeps it this one, for the whole team: the checksums of all platforms.
    """

    version: str
    name: str
    sha256: str
    pin: Mapping[str, object]


def resolve(project: Project, *, anew: bool = False) -> Release:
    """Find out which archive the settings mean; nothing is written.

    Args:
        project: the project.
        anew: ask again what `latest` is, instead of taking what is pinned.

    Raises:
        UserError: it can't be found out, or there is none for this platform.
    """
    wanted = _wanted(project)
    pin = {} if anew and project.version == "latest" else pins.read(project, PIN)
    if pin.get("for") != wanted:
        with waiting("looking for pg_trickle's release …"):
            pin = _look_up(project, wanted)
    version, sums = str(pin["version"]), pin["sha256"]
    name = archive_name(version)
    if name not in sums:
        offered = ", ".join(sorted(_platform_of(other) for other in sums)) or "none"
        raise UserError(
            f"pg_trickle {version} has no archive for {_platform()}; it has: {offered}.",
            "Use the engine docker, or the stand-in (pgtrickle: extension: pg_trickle_lite).",
        )
    return Release(version, name, str(sums[name]), pin)


def of_version(project: Project, version: str, sha256: str) -> Release:
    """The archive of one version, known by its checksum, whatever is pinned or newest."""
    return Release(version, archive_name(version), sha256, pins.read(project, PIN))


def keep(project: Project, release: Release) -> None:
    """Pin a release in pgtrickle.lock.

    Raises:
        UserError: that can't be written.
    """
    if pins.read(project, PIN) != release.pin:
        pins.write(project, PIN, dict(release.pin))


def archive_name(version: str) -> str:
    """The name of a version's archive for this machine.

    Raises:
        UserError: no release is made for such machines.
    """
    return f"pg_trickle-{version}{_suffix()}"


def _look_up(project: Project, wanted: str) -> dict[str, object]:
    place, version = source(project), _version(project)
    if version == "latest":
        version = place.latest(_suffix())
    sums = {
        name: digest.lower()
        for digest, name in re.findall(r"^([0-9a-fA-F]{64}) [ *](\S+)$", place.sums(version), re.M)
        if (match := _ARCHIVE.fullmatch(name)) and match[1] == version
    }
    if not sums:
        raise UserError(
            f"{SUMS} names no archive of pg_trickle {version}.", "Get the release's own."
        )
    return {"for": wanted, "version": version, "sha256": sums}


def _wanted(project: Project) -> str:
    archive = project.settings.get("archive")
    return Path(str(archive)).name if archive else project.version


def _version(project: Project) -> str:
    """The version of the settings, by the archive's name if they name one."""
    version = project.version.removeprefix("v")
    if version != "latest" and not _VERSION.fullmatch(version):
        raise UserError(
            f"invoke.yaml: '{version}' is no version.", "Write one such as 0.67.0, or latest.", 2
        )
    archive = project.settings.get("archive")
    if not archive:
        return version
    found = _ARCHIVE.fullmatch(Path(str(archive)).name)
    if not found:
        raise UserError(
            f"invoke.yaml: '{archive}' has not the name of a release archive.",
            f"Keep its name, such as {archive_name('0.67.0')}.",
            2,
        )
    if found[2] != _platform():
        raise UserError(
            f"invoke.yaml: the archive is for {found[2]}; this machine is {_platform()}.",
            f"Use {archive_name(found[1])}.",
            2,
        )
    if version not in ("latest", found[1]):
        raise UserError(
            f"invoke.yaml: version says {version}, the archive's name {found[1]}.",
            "Make them agree.",
            2,
        )
    return found[1]


def _suffix() -> str:
    return f"-pg18-{_platform()}.{'zip' if sys.platform == 'win32' else 'tar.gz'}"


def _platform_of(name: str) -> str:
    match = _ARCHIVE.fullmatch(name)
    return match[2] if match else name


def _platform() -> str:
    system, machine = _SYSTEMS.get(sys.platform), _MACHINES.get(platform.machine().lower())
    if system is None or machine is None:
        raise UserError(
            f"pg_trickle has no release for {sys.platform} on {platform.machine()}.",
            "Use the engine docker, or the stand-in (pgtrickle: extension: pg_trickle_lite).",
        )
    return f"{system}-{machine}"
