"""Rules and dashboard ask for what the API tells, and every alert says what to do."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from db.contracts.metric import METRICS, PROBES, MetricKind

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
RULES = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDS = {rule["record"] for rule in RULES if "record" in rule}
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/solvequeue.json").read_text())
TESTED = yaml.safe_load((PROMETHEUS / "rules_test.yaml").read_text())["tests"]

SELECTED = re.compile(
    r"(?<![\w:])((?:solvequeue|qap)_\w+)(?:\{((?:[^}\"]|\"[^\"]*\")*)\})?"
)
RECORDED = re.compile(r"solvequeue:[\w:]+")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
OF_SCRAPES = {"instance", "job"}


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


ALL = [pytest.param(expr, id=name) for name, expr in expressions()]


@pytest.mark.parametrize("expr", ALL)
def test_it_asks_for_numbers_and_labels_that_are_told(expr: str) -> None:
    for name, selector in SELECTED.findall(expr):
        bare = re.sub(r"_bucket$", "", name)
        assert bare in METRICS, name
        of_buckets = METRICS[bare].kind is MetricKind.HISTOGRAM
        assert of_buckets == name.endswith("_bucket"), name
        given = set(LABEL.findall(re.sub(r'"[^"]*"', '""', selector)))
        assert given <= {*METRICS[bare].labels, *OF_SCRAPES}, name
    assert set(RECORDED.findall(expr)) <= RECORDS


@pytest.mark.parametrize("expr", ALL)
def test_processes_that_tell_the_same_are_not_added_up(expr: str) -> None:
    for sum_ in re.finditer(r"\bsum(?: by \([\w, ]+\))? ?\(", expr):
        assert expr[sum_.end() :].startswith("max without (instance) ("), expr


@pytest.mark.parametrize("expr", ALL)
def test_only_what_grows_has_a_rate(expr: str) -> None:
    for name in re.findall(r"\brate\((\w+)", expr):
        kind = METRICS[name.removesuffix("_bucket")].kind
        assert kind in (MetricKind.COUNTER, MetricKind.HISTOGRAM), name


@pytest.mark.parametrize("expr", [each for each in ALL if "route!~" in str(each)])
def test_probes_say_nothing_of_users(expr: str) -> None:
    for pattern in re.findall(r'route!~"([^"]+)"', expr):
        assert [route for route in PROBES if not re.fullmatch(pattern, route)] == []
        assert not re.fullmatch(pattern, "/v1/methods")


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_means_and_where_help_is(name: str) -> None:
    rule: dict[str, Any] = ALERTS[name]
    anchor = re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
    notes = rule["annotations"]
    assert notes["runbook_url"] == f"docs/operations/runbooks.md#{anchor}"
    assert notes["summary"].endswith(".")
    assert notes["description"].endswith(".")
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert re.fullmatch(r"\d+[mh]", rule["for"])


def test_every_alert_is_seen_to_fire() -> None:
    fired: set[str] = set()
    for test in TESTED:
        for each in test.get("promql_expr_test", ()):
            if each["exp_samples"]:
                told = each["expr"] + str(each["exp_samples"])
                fired |= set(re.findall(r'alertname="(\w+)"', told))
    assert set(ALERTS) <= fired


def test_the_dashboard_reads_the_datasource_that_is_provisioned() -> None:
    provisioned = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text()
    )
    (chosen,) = DASHBOARD["templating"]["list"]
    (source,) = provisioned["datasources"]
    assert chosen["current"]["value"] == source["uid"]
    assert {panel["id"] for panel in DASHBOARD["panels"]} == set(
        range(1, len(DASHBOARD["panels"]) + 1)
    )


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not here")
@pytest.mark.parametrize(
    "asked",
    [
        ("check", "config", "prometheus.yaml"),
        ("check", "rules", "rules.yaml"),
        ("test", "rules", "rules_test.yaml"),
    ],
    ids=" ".join,
)
def test_prometheus_itself_is_content(asked: tuple[str, ...]) -> None:
    said = subprocess.run(
        ["promtool", *asked],
        cwd=PROMETHEUS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
