"""The page of metrics tells what the registry does."""

from pathlib import Path

import pytest

from db.contracts.metric import METRICS, Metric

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


@pytest.mark.parametrize(("name", "metric"), METRICS.items(), ids=METRICS)
def test_every_metric_has_its_row(name: str, metric: Metric) -> None:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    row = f"| `{name}` | {metric.kind} | {labels} | {metric.help} |"
    assert row in PAGE.read_text().splitlines()


def test_no_row_is_of_a_metric_that_is_not_there() -> None:
    lines = PAGE.read_text().splitlines()
    rows = [line for line in lines if line.startswith(("| `solvequeue_", "| `qap_"))]
    assert len(rows) == len(METRICS)
