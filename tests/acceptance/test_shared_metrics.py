"""Four API processes tell the same numbers, whoever is asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from db.embedded_valkey import EmbeddedValkey
from tests.api_processes import ApiProcess, api_processes
from tests.waiting import wait_until

PROCESSES = 4
REQUESTS = 200
ROUTE = "/v1/jobs"
COUNT = "solvequeue_http_requests_total"


@pytest.fixture
def apis(
    tmp_path: Path, sqlite_url: str, own_valkey: EmbeddedValkey
) -> Iterator[list[ApiProcess]]:
    environment = {
        "SOLVEQUEUE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": own_valkey.redis_url,
        "SOLVEQUEUE_REDIS_TIMEOUT_SECONDS": "1",
    }
    with api_processes(PROCESSES, environment, tmp_path) as running:
        yield running


def told_by(api: ApiProcess, name: str, **labels: str) -> float:
    text = api.client.get("/metrics/prometheus").text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def send(apis: list[ApiProcess], count: int) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = threads.map(
            lambda number: apis[number % len(apis)].client.get(ROUTE), range(count)
        )
        assert {answer.status_code for answer in answers} == {200}


def test_each_of_four_processes_tells_what_all_have_answered(
    apis: list[ApiProcess],
) -> None:
    send(apis, REQUESTS)
    for api in apis:
        wait_until(lambda: told_by(api, COUNT, route=ROUTE) == REQUESTS)  # noqa: B023
        durations = "solvequeue_http_request_duration_seconds_count"
        assert told_by(api, durations, route=ROUTE) == REQUESTS
        assert told_by(api, "solvequeue_metrics_shared") == 1
        assert api.client.get("/metrics").json()["status_counts"]["200"] >= REQUESTS
        assert api.client.get("/health").json()["metrics"]["total_requests"] >= REQUESTS

    # What one has cleared is cleared for all.
    assert apis[1].client.post("/admin/clear").status_code == 200
    for api in apis:
        wait_until(lambda: told_by(api, COUNT, route=ROUTE) == 0)  # noqa: B023

    # One that ends has told all that it counted.
    send(apis[3:], 10)
    apis[3].process.terminate()
    apis[3].process.wait(20)
    wait_until(lambda: told_by(apis[0], COUNT, route=ROUTE) == 10)


def test_nothing_is_lost_while_redis_is_away(
    apis: list[ApiProcess], own_valkey: EmbeddedValkey
) -> None:
    send(apis, 40)
    wait_until(lambda: told_by(apis[0], COUNT, route=ROUTE) == 40)
    own_valkey.stop()
    send(apis, 40)
    alone = told_by(apis[0], COUNT, route=ROUTE)
    # What it has answered itself, of both times.
    assert (alone, told_by(apis[0], "solvequeue_metrics_shared")) == (20, 0)
    assert apis[0].client.get("/health").json()["status"] == "degraded"
    # It forgets everything when it stops: a reset of counters.
    own_valkey.start()
    for api in apis:
        wait_until(lambda: told_by(api, "solvequeue_metrics_shared") == 1)  # noqa: B023
        wait_until(lambda: told_by(api, COUNT, route=ROUTE) == 40)  # noqa: B023
