"""What real workers do is told by the API: who they are, and what they have ended."""

from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from db.contracts.job_state import JobState
from tests.acceptance.conftest import SECONDS, Service
from tests.waiting import wait_until

JOBS = 4


def get(service: Service, path: str) -> Any:
    return httpx2.get(f"{service.stack.api_url}{path}", trust_env=False).json()


def post(service: Service, path: str) -> None:
    url = f"{service.stack.api_url}{path}"
    assert httpx2.post(url, trust_env=False).status_code == 200


def told(service: Service, name: str, **labels: str) -> float:
    url = f"{service.stack.api_url}/metrics/prometheus"
    text = httpx2.get(url, trust_env=False).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def submit(service: Service, seed: int, **limits: float) -> str:
    job = service.client.submit_solve(
        "nug12", seed=seed, limits=limits or {"iterations": 500, "time_s": 5}
    )
    return job.id


def test_workers_say_who_they_are_and_the_api_what_they_have_done(
    service: Service,
) -> None:
    wait_until(lambda: len(get(service, "/v1/workers")["items"]) == 2, seconds=SECONDS)
    workers = get(service, "/v1/workers")
    assert [each["name"].partition("@")[0] for each in workers["items"]] == [
        "couriers",
        "solvers",
    ]
    assert workers["slots"] == 2
    health = get(service, "/health")
    assert health["status"] == "healthy"
    assert health["components"]["optimization_engine"] == "ok"

    # Counted in the workers' children, told by the API.
    ids = [submit(service, seed) for seed in range(JOBS)]
    for each in ids:
        service.wait_for(each, lambda job: job.state is JobState.SUCCEEDED)
    finished = "solvequeue_jobs_finished_total"
    wait_until(lambda: told(service, finished, state="succeeded") == JOBS)
    assert told(service, "solvequeue_job_run_seconds_count") == JOBS
    assert told(service, "solvequeue_job_final_gap_ratio_count") == JOBS

    # A busy slot is one of theirs.
    running = submit(service, 99, time_s=120)
    service.wait_for(running, lambda job: job.state is JobState.RUNNING)
    wait_until(
        lambda: sum(e["running"] for e in get(service, "/v1/workers")["items"]) == 1
    )
    wait_until(lambda: told(service, "solvequeue_worker_busy_ratio") == 0.5)
    service.client.cancel(running)
    wait_until(lambda: told(service, finished, state="cancelled") == 1)

    # What waits in a paused queue goes on at once when that goes on.
    post(service, "/v1/queues/interactive/pause")
    waiting = submit(service, 100)
    wait_until(lambda: told(service, "solvequeue_queue_depth") == 1)
    assert told(service, "solvequeue_queue_paused", queue="interactive") == 1
    post(service, "/v1/queues/interactive/resume")
    service.wait_for(waiting, lambda job: job.state is JobState.SUCCEEDED)
