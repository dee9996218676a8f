"""The config() of a model's file: read and changed as text, the rest of it as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

CONFIG = re.compile(
    r"(?P<open>\{\{-?\s*config\s*\()(?P<settings>.*?)(?P<close>\)\s*-?\}\})", re.DOTALL
)
NAME = re.compile(r"\s*(\w+)\s*=")
CLOSING = {"(": ")", "[": "]", "{": "}"}


def read_config(header: str) -> dict[str, str]:
    """The settings that a file's config() names, each as it is written there."""
    found = CONFIG.search(header)
    settings = {}
    for setting in _split(found["settings"]) if found else ():
        name = NAME.match(setting)
        if name:
            settings[name[1]] = setting[name.end() :].strip()
    return settings


def with_config(header: str, settings: Mapping[str, str]) -> str:
    """A file's header with these settings in its config().

    Args:
        header: what stands before the query.
        settings: what to write, as Jinja has it, by name.
    """
    found = CONFIG.search(header)
    if not settings:
        return header
    if not found:
        return f"{header}{{{{ config({_written(settings)}) }}}}\n\n"
    given = _split(found["settings"])
    names = [match[1] if (match := NAME.match(setting)) else "" for setting in given]
    for name, value in settings.items():
        if name in names:
            old = given[names.index(name)]
            start = NAME.match(old)
            kept = old[: start.end()] if start else f"{name}="
            tail = old[len(old.rstrip()) :]
            given[names.index(name)] = f"{kept}{value}{tail}"
        else:
            given.append(_like_before(given, f"{name}={value}"))
    return header[: found.start("settings")] + ",".join(given) + header[found.end("settings") :]


def new_config(settings: Mapping[str, str]) -> str:
    """A config() of a new file."""
    return f"{{{{ config({_written(settings)}) }}}}\n\n"


def _written(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _like_before(given: list[str], setting: str) -> str:
    """One more setting, in a line of its own where the last one is."""
    if not given:
        return setting
    last = given[-1]
    lead = last[: len(last) - len(last.lstrip())] or " "
    tail = last[len(last.rstrip()) :]
    given[-1] = last.rstrip()
    return f"{lead}{setting}{tail}"


def _split(settings: str) -> list[str]:
    """The arguments between their commas; a comma within brackets or quotes is none."""
    parts, stack, quote, start = [], [], "", 0
    for position, sign in enumerate(settings):
        if quote:
            quote = "" if sign == quote and settings[position - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in CLOSING:
            stack.append(CLOSING[sign])
        elif stack and sign == stack[-1]:
            stack.pop()
        elif sign == "," and not stack:
            parts.append(settings[start:position])
            start = position + 1
    rest = settings[start:]
    if rest.strip():
        return [*parts, rest]
    # a comma after the last one, or nothing at all
    return [*parts[:-1], parts[-1] + rest] if parts else []
