"""What every metric promises, asked of each one in the registry."""

import re

import pytest

from db.contracts.metric import METRICS, Metric, MetricKind

BASE_UNITS = {"seconds", "ratio", "bytes"}
OTHER_UNITS = re.compile(r"_(ms|milliseconds|minutes|hours|kb|mb|percent)(_|$)")
CLOSED = {
    *("kind", "method", "queue", "result", "route", "state", "status", "version"),
}
"""Labels whose values come from the code and its registries, never from a caller."""
each = pytest.mark.parametrize(("name", "metric"), METRICS.items(), ids=METRICS)


@each
def test_a_name_is_prometheus(name: str, metric: Metric) -> None:
    assert re.fullmatch(r"(solvequeue|qap)_[a-z]+(_[a-z]+)*", name)
    assert name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
    reserved = ("_count", "_sum", "_bucket", "_created")
    assert not name.endswith(reserved)


@each
def test_a_unit_is_a_base_unit_and_in_the_name(name: str, metric: Metric) -> None:
    assert not OTHER_UNITS.search(name)
    assert metric.unit in {"", *BASE_UNITS}
    stem = name.removesuffix("_total")
    if metric.unit:
        assert stem.endswith(f"_{metric.unit}")
    else:
        assert not stem.endswith(tuple(f"_{unit}" for unit in BASE_UNITS))


@each
def test_labels_have_a_bounded_number_of_values(name: str, metric: Metric) -> None:
    assert set(metric.labels) <= CLOSED


@each
def test_a_help_is_a_sentence(name: str, metric: Metric) -> None:
    assert re.fullmatch(r"[A-Z0-9].+\.", metric.help)
