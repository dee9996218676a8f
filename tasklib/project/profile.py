"""What profiles.yml says, as dbt reads it, without starting dbt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = "profiles.yml"


def target(root: Path, environment: Mapping[str, str]) -> dict[str, Any] | str:
    """The output that dbt would use; or why there is none.

    Args:
        root: the project's folder.
        environment: what env_var() reads.
    """
    import jinja2  # noqa: PLC0415 most tasks have no need of it

    try:
        name = _read(root / "dbt_project.yml")["profile"]
        entry = _render(_read(root / FILE)[name], environment)
        chosen = environment.get("DBT_TARGET") or entry.get("target") or "default"
        return dict(entry["outputs"][chosen])
    except OSError as error:
        return f"{Path(error.filename).name} can't be read: {error.strerror}"
    except (yaml.YAMLError, jinja2.TemplateError) as error:
        return f"{FILE} is damaged: {str(error).splitlines()[0]}"
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return f"{FILE} lacks {error.args[0]}"


def role(root: Path, environment: Mapping[str, str]) -> str:
    """The role that dbt takes after it has connected; empty if none is named, or none can be read.

    Args:
        root: the project's folder.
        environment: what env_var() reads.
    """
    try:
        if "role" not in (root / FILE).read_text(encoding="utf-8"):
            return ""
    except (OSError, ValueError):
        return ""
    found = target(root, environment)
    return "" if isinstance(found, str) else str(found.get("role") or "")


def _read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def _render(value: Any, environment: Mapping[str, str]) -> Any:
    """A part of it rendered, with the functions and filters that dbt has there."""
    import jinja2  # noqa: PLC0415 as above

    rendering = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 no HTML
    rendering.filters |= {"as_number": int, "as_bool": str, "as_native": str, "as_text": str}

    def env_var(name: str, default: str | None = None) -> str:
        found = environment.get(name, default)
        if found is None:
            raise KeyError(f"the environment variable {name}")
        return found

    def rendered(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: rendered(one) for key, one in part.items()}
        is_template = isinstance(part, str) and "{{" in part
        return rendering.from_string(part).render(env_var=env_var) if is_template else part

    return rendered(value)
