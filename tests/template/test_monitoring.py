"""Alert rules and dashboard: read strictly, and over no metric or label that `invoke metrics` lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tasklib.tasks import metrics
from tasklib.project.project import find_project
from tests.support.dbt_project import DbtProject
from tests.template.helpers import copy_project

RULE = {"alert", "expr", "for", "labels", "annotations"}
LABEL = re.compile(r"\$labels\.(\w+)")
Labels = dict[str, set[str]]


def selectors(node: Any) -> Iterator[Any]:
    """Each selection of a metric in a parsed expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    inner = [getattr(node, name, None) for name in ("lhs", "rhs", "expr")]
    for one in [*inner, *getattr(node, "args", ())]:
        if one is not None:
            yield from selectors(one)


def known(expression: str, labels: Labels) -> set[str]:
    """The labels of the metrics of an expression; fails where there is no such metric or label."""
    found = list(selectors(promql_parser.parse(expression)))
    assert found, expression
    for selector in found:
        assert selector.name in labels, f"{selector.name} in {expression}"
        asked = {one.name: one.value for one in selector.matchers.matchers}
        assert set(asked) <= labels[selector.name], f"{asked} in {expression}"
        assert asked["project"] == "my_stream_tables", expression
    return set.intersection(*(labels[one.name] for one in found))


def alerts(project: Path) -> list[dict[str, Any]]:
    """The rules, as Prometheus reads them."""
    document = yaml.safe_load((project / "monitoring/alerts.yml").read_text())
    assert set(document) == {"groups"}
    (group,) = document["groups"]
    assert set(group) == {"name", "rules"}
    return list(group["rules"])


def expressions(project: Path) -> list[str]:
    """Every expression of the dashboard."""
    panels = json.loads((project / "monitoring/dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


@pytest.fixture
def labels(shop: DbtProject, capsys: pytest.CaptureFixture[str]) -> Labels:
    """The labels of each metric that the sample has once a refresh of the scheduler's was measured."""
    shop.database.execute(
        "update pgtrickle.pgt_refresh_history set end_time = start_time + interval '5 ms'"
    )
    capsys.readouterr()
    metrics.show(find_project(shop.root))
    families = text_string_to_metric_families(capsys.readouterr().out)
    return {one.name: set(one.labels) for family in families for one in family.samples}


def test_each_expression_is_over_metrics_and_labels_that_are_there(
    shop: DbtProject, labels: Labels
) -> None:
    documented = {f"pgtrickle_{name}" for name in metrics.METRICS}
    assert set(labels) == documented
    dashboard = expressions(shop.root)
    assert len(dashboard) > 12
    used = {one.name for text in dashboard for one in selectors(promql_parser.parse(text))}
    for text in dashboard:
        known(text, labels)
    for rule in alerts(shop.root):
        at_hand = known(rule["expr"], labels)
        told = LABEL.findall(" ".join(rule["annotations"].values()))
        assert set(told) <= at_hand | {"trial"}, rule["alert"]
    assert documented - used <= {
        "pgtrickle_up", "pgtrickle_extension_info", "pgtrickle_source_verdict",
        "pgtrickle_stream_table_last_refresh_timestamp_seconds",
    }  # fmt: skip
    text = (shop.root / "docs/monitoring.md").read_text()
    whole = re.sub(r"`…(_\w+)`", r"`pgtrickle_stream_table\1`", text)
    assert {name for name in documented if f"`{name}`" not in whole} == set()


def test_rules_and_dashboard_have_the_form_that_is_read(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "shop", project_slug="my_stream_tables")
    rules = alerts(project)
    assert len({rule["alert"] for rule in rules}) == len(rules) > 6
    for rule in rules:
        assert set(rule) == RULE, rule["alert"]
        assert re.fullmatch(r"[1-9]\d*[smh]", rule["for"])
        assert rule["labels"] in ({"severity": "critical"}, {"severity": "warning"})
        assert set(rule["annotations"]) == {"summary", "description"}
        remedy = rule["annotations"]["description"]
        assert re.search(r"`invoke [a-z-]+", remedy), remedy
    dashboard = json.loads((project / "monitoring/dashboard.json").read_text())
    assert dashboard["title"] == "Stream tables of My stream tables"
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", dashboard["uid"])
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24 and panel["title"]
        assert panel["type"] in {"stat", "timeseries", "table"}
        assert {one["datasource"]["uid"] for one in panel["targets"]} == {"${datasource}"}
