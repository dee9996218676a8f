"""`invoke metrics`: OpenMetrics that a strict parser takes, with what the checks say."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tasklib.base.errors import UserError
from tasklib.tasks import metrics
from tests.checks.remedies import give_tasks
from tests.checks.shop import Shop, until
from tests.support.postgres import free_port
from tests.support.warm import programs

Capsys = pytest.CaptureFixture[str]
Key = tuple[str, frozenset[tuple[str, str]]]


def parsed(text: str) -> dict[Key, float]:
    """The samples by name and labels, without the label of the project, which each must have."""
    found: dict[Key, float] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type == "gauge", family.name
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("project") == "shop"
            found[sample.name, frozenset(labels.items())] = sample.value
    return found


def key(name: str, **labels: str) -> Key:
    return f"pgtrickle_{name}", frozenset(labels.items())


def printed(shop: Shop, capsys: Capsys) -> dict[Key, float]:
    capsys.readouterr()
    metrics.show(shop.project)
    return parsed(capsys.readouterr().out)


def test_what_the_checks_say_is_said_in_metrics(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create()
    found = printed(scheduled, capsys)
    own, source = {"stream_table": "analytics.totals"}, {"source": "shop.orders"}
    assert found[key("up")] == found[key("scheduler_up")] == 1
    assert found[key("refreshes_held_back")] == 0
    assert found[key("stream_table_verdict", verdict="ok", **own)] == 1
    assert found[key("stream_table_verdict", verdict="error", **own)] == 0
    assert found[key("source_verdict", verdict="ok", **source)] == 1
    assert 0 <= found[key("stream_table_age_seconds", **own)] < 3600
    assert found[key("stream_table_age_limit_seconds", **own)] > 3600
    refreshed = scheduled.database.value("select extract(epoch from now())::float8")
    last = found[key("stream_table_last_refresh_timestamp_seconds", **own)]
    assert refreshed - 3600 < last <= refreshed
    info = key(
        "stream_table_info", model="totals", status="ACTIVE", refresh_mode="DIFFERENTIAL",
        requested_mode="", schedule="1d", **own,
    )  # fmt: skip
    assert found[info] == 1
    (extension,) = (dict(labels) for name, labels in found if name == "pgtrickle_extension_info")
    assert extension["extension"] == scheduled.database.extension

    scheduled.alter(status="SUSPENDED")
    scheduled.database.execute(
        "alter table shop.orders disable trigger all; insert into shop.orders values (99, 'c', 1)"
    )
    found = printed(scheduled, capsys)
    assert found[key("stream_table_verdict", verdict="error", **own)] == 1
    assert found[key("stream_table_verdict", verdict="ok", **own)] == 0
    assert found[key("source_verdict", verdict="error", **source)] == 1


def test_without_a_scheduler_that_is_said(shop: Shop, capsys: Capsys) -> None:
    if shop.database.extension == "pg_trickle":
        pytest.skip("the server has its own scheduler")
    shop.create()
    assert printed(shop, capsys)[key("scheduler_up")] == 0


@pytest.mark.parametrize("listen", ["9187", "127.0.0.1:", ":9187", "127.0.0.1:port", "a:99999"])
def test_what_is_no_address_is_refused(shop: Shop, listen: str) -> None:
    with pytest.raises(UserError, match="is no HOST:PORT") as refused:
        metrics.show(shop.project, listen=listen)
    assert refused.value.exit_code == 2


def test_nothing_is_printed_of_what_cant_be_asked(shop: Shop, capsys: Capsys) -> None:
    (shop.project.root / ".env").write_text("PGHOST=127.0.0.1\nPGPORT=1\n")
    capsys.readouterr()
    with pytest.raises(UserError) as refused:
        metrics.show(shop.project)
    assert refused.value.exit_code == 2
    assert capsys.readouterr().out == ""


@pytest.fixture
def served(shop: Shop) -> Iterator[tuple[Shop, subprocess.Popen[str], str]]:
    """`invoke metrics --listen` at work."""
    give_tasks(shop)
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [programs() / "invoke", "metrics", "--listen", address], cwd=shop.project.root, text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield shop, process, address
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def scraped(address: str) -> dict[Key, float]:
    """What Prometheus gets; nothing while nobody listens."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    request = urllib.request.Request(f"http://{address}/metrics", headers=accept)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return parsed(answer.read().decode())
    except urllib.error.URLError:
        return {}


def test_each_scrape_asks_anew_and_survives_a_database_that_is_gone(
    served: tuple[Shop, subprocess.Popen[str], str],
) -> None:
    shop, process, address = served
    until(lambda: scraped(address), "it doesn't listen")
    shop.create()
    verdict = key("stream_table_age_seconds", stream_table="analytics.totals")
    assert verdict in scraped(address)
    env = Path(shop.project.root / ".env")
    right = env.read_text()
    env.write_text("PGHOST=127.0.0.1\nPGPORT=1\n")
    assert scraped(address) == scraped(address) == {key("up"): 0}
    env.write_text(right)
    assert scraped(address)[key("up")] == 1
    again = subprocess.run(
        [programs() / "invoke", "metrics", "--listen", address], cwd=shop.project.root,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 2 and "can't be listened on" in again.stderr
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 0, output
    assert output.count("can't be reached") == 1 and "Traceback" not in output
