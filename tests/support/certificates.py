"""Certificates for a server of the tests, made by openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path


def authority(folder: Path, name: str) -> Path:
    """A new authority: its certificate; the key lies beside it."""
    certificate = folder / f"{name}.crt"
    _openssl(
        "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={name}", *_KEY,
        "-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate),
        "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    return certificate


def signed(folder: Path, host: str, by: Path) -> tuple[Path, Path]:
    """A certificate for a host, signed by an authority, and its key."""
    request, certificate, key = (folder / f"{host}.{end}" for end in ("csr", "crt", "key"))
    _openssl(
        "req", "-nodes", "-subj", f"/CN={host}", *_KEY, "-keyout", str(key), "-out", str(request)
    )
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName=DNS:{host}\n")
    _openssl(
        "x509", "-req", "-days", "2", "-in", str(request), "-out", str(certificate),
        "-CA", str(by), "-CAkey", str(by.with_suffix(".key")), "-set_serial", "1",
        "-extfile", str(extensions),
    )  # fmt: skip
    return certificate, key


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
