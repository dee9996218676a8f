"""Settings are changed in a file's config() as text, the rest of it stays as it is."""

from __future__ import annotations

import pytest

from tasklib.tasks.rewrite.config import read_config, with_config

SETTINGS = {"schedule": "none", "refresh_mode": "'DIFFERENTIAL'"}


@pytest.mark.parametrize(
    ("header", "changed"),
    [
        ("", "{{ config(schedule=none, refresh_mode='DIFFERENTIAL') }}\n\n"),
        ("-- x\n", "-- x\n{{ config(schedule=none, refresh_mode='DIFFERENTIAL') }}\n\n"),
        ("{{ config() }}\n", "{{ config(schedule=none, refresh_mode='DIFFERENTIAL') }}\n"),
        (
            "{{ config(schedule='30s', indexes=[{'columns': ['a', 'b']}]) }}\n",
            "{{ config(schedule=none, indexes=[{'columns': ['a', 'b']}],"
            " refresh_mode='DIFFERENTIAL') }}\n",
        ),
        (
            "{{\n    config(\n        schedule='5s',\n        tags='a,b'\n    )\n}}\n",
            "{{\n    config(\n        schedule=none,\n        tags='a,b',\n"
            "        refresh_mode='DIFFERENTIAL'\n    )\n}}\n",
        ),
    ],
)
def test_settings_are_written_where_the_file_has_them(header: str, changed: str) -> None:
    assert with_config(header, SETTINGS).replace("{{ config( ", "{{ config(") == changed


def test_settings_are_read_as_they_are_written() -> None:
    header = "{{ config(schedule='30s', tags=['a', 'b'], meta={'x': f(1, 2)}) }}"
    assert read_config(header) == {
        "schedule": "'30s'",
        "tags": "['a', 'b']",
        "meta": "{'x': f(1, 2)}",
    }


def test_without_settings_nothing_changes() -> None:
    assert with_config("{{ config(a=1) }}", {}) == "{{ config(a=1) }}"
