"""Tell a webhook when verdicts change, once each time."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from tasklib.base import files
from tasklib.base.display import console
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Judged
from tasklib.base.plain import plain
from tasklib.project.project import Project

VARIABLE = "PGTRICKLE_NOTIFY_URL"
FORMS = ("slack", "json")
TRIES = 4
# seconds: 1, 2, 4 between them
BACKOFF = 0.5
TIMEOUT = 10
SIGNS = {OK: "✓", WARN: "!", ERROR: "✗"}
# the subject of a check that gave no verdict
UNKNOWN = "the check"


class _Change(Judged):
    """A verdict and the one that was told before."""

    before: str


class Notifier:
    """Where verdicts are told, and what was told last.

    Args:
        project: the project.
        url: the webhook; empty for the one that PGTRICKLE_NOTIFY_URL names, in .env.
        form: slack ({"text": …}, which Mattermost and others take too) or json (all of it).

    Raises:
        UserError: (exit status 2) there is no such form, or no URL.
    """

    def __init__(self, project: Project, url: str = "", form: str = "slack") -> None:
        if form not in FORMS:
            raise UserError(f"There is no form '{form}'.", f"One of: {', '.join(FORMS)}.", 2)
        self.url = url or project.environment().get(VARIABLE, "")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            named = "--notify names no URL" if self.url else "--notify has nowhere to go"
            raise UserError(
                f"{named}.", f"Write {VARIABLE}=https://… into .env, or --notify https://…", 2
            )
        self.host, self.form, self.project = parts.hostname, form, project

    def tell(self, rows: Sequence[Judged], *, whole: bool = True) -> None:
        """Tell what is other than it was when it was told last.

        Where that fails after all tries it is said on standard error and told the next time: the
        check's own answer does not hang on it.

        Args:
            rows: verdicts with subject, verdict, cause and remedy, the worst first; of several of a
                subject the first counts.
            whole: whether they are all that is checked, so that what lacks is there no more.
        """
        now = {row["subject"]: row for row in reversed(rows)}
        told = self._told()
        others = {} if whole else {one: told[one] for one in told.keys() - now.keys() - {UNKNOWN}}
        before = {one: verdict for one, verdict in told.items() if one not in others}
        changes = _changes(before, now)
        if changes and not self._send(changes):
            return
        if changes or not self._path().exists():
            self._remember(others | {subject: row["verdict"] for subject, row in now.items()})

    def tell_failure(self, error: UserError) -> None:
        """Tell that there is no verdict, and why; those that were told before stay told."""
        before = self._told()
        if UNKNOWN in before:
            return
        row: Judged = {
            "subject": UNKNOWN, "verdict": ERROR, "cause": error.cause, "remedy": error.remedy,
        }  # fmt: skip
        if self._send(_changes({}, {UNKNOWN: row})):
            self._remember({**before, UNKNOWN: ERROR})

    def _send(self, changes: list[_Change]) -> bool:
        text = "\n".join([f"*{self.project.slug}*: stream tables", *map(_sentence, changes)])
        document: dict[str, Any] = {"text": text}
        if self.form == "json":
            document |= {"project": self.project.slug, "changes": changes}
        retry = Retry(
            total=TRIES - 1, backoff_factor=BACKOFF, allowed_methods=None, backoff_max=30,
            status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False,
        )  # fmt: skip
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=retry))
            try:
                session.post(self.url, json=document, timeout=TIMEOUT).raise_for_status()
            except requests.RequestException as error:
                # the message itself would quote the URL, which is a secret
                status = getattr(error.response, "status_code", None)
                why = f"it answers {status}" if status else "it can't be reached"
                console(stderr=True).print(
                    f"{self.host} was not told ({why}); the next check tries again.", markup=False
                )
                return False
        return True

    def _path(self) -> Path:
        return self.project.state_dir / "notified.json"

    def _told(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path().read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def _remember(self, verdicts: Mapping[str, str]) -> None:
        path = self._path()
        with files.explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = path.with_suffix(".new")
            whole.write_text(json.dumps(verdicts, indent=2), encoding="utf-8")
            whole.replace(path)


def _changes(before: Mapping[str, str], now: Mapping[str, Judged]) -> list[_Change]:
    """What is other than before, the worst first; what was never told of was ok."""
    found: list[_Change] = []
    for subject, row in now.items():
        if row["verdict"] != before.get(subject, OK):
            found.append(_change(row, before.get(subject, OK)))
    for subject, verdict in before.items():
        if subject not in now and verdict != OK:
            gone = "it is there no more" if subject != UNKNOWN else "it works again"
            ended: Judged = {"subject": subject, "verdict": OK, "cause": gone, "remedy": ""}
            found.append(_change(ended, verdict))
    return sorted(found, key=lambda one: (-list(SIGNS).index(one["verdict"]), one["subject"]))


def _change(row: Judged, before: str) -> _Change:
    """Of a verdict's own columns only those that every check has."""
    return {
        "subject": row["subject"], "verdict": row["verdict"], "cause": row["cause"],
        "remedy": row["remedy"], "before": before,
    }  # fmt: skip


def _sentence(change: Mapping[str, Any]) -> str:
    """It in words, in which nothing is Slack's own: <!channel> would call everybody."""
    change = {key: html.escape(plain(value), quote=False) for key, value in change.items()}
    told = f"{SIGNS[change['verdict']]} {change['verdict']}: {change['subject']}"
    cause = change["cause"] or (f"was {change['before']}" if change["verdict"] == OK else "")
    remedy = f" → {change['remedy']}" if change["remedy"] else ""
    return f"{told}: {cause}{remedy}" if cause or remedy else told
