"""Fifty callers want the same at once: one run, fifty results, fifty webhooks."""

import threading
from collections import Counter

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from api.client import Client, Job
from db.contracts.job_state import JobState
from tests.acceptance.conftest import Service
from tests.waiting import wait_until

CALLERS = 50


def test_fifty_equal_solves_run_once_and_all_are_answered(
    service: Service, httpserver: HTTPServer
) -> None:
    heard: Counter[str] = Counter()

    def receive(request: Request) -> Response:
        heard[request.get_json()["subject"]] += 1
        return Response(status=204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(receive)
    accepted: list[Job] = []
    start = threading.Barrier(CALLERS)

    def ask() -> None:
        with Client(service.stack.api_url) as client:
            start.wait()
            accepted.append(
                client.submit_solve(
                    "tai30a",
                    seed=11,
                    limits={"time_s": 2.0},
                    webhook_url=httpserver.url_for("/hook"),
                )
            )

    threads = [threading.Thread(target=ask) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = {job.id for job in accepted}
    assert len(ids) == CALLERS
    ended = [service.wait_for(job_id, lambda job: job.state.is_final) for job_id in ids]
    assert {job.state for job in ended} == {JobState.SUCCEEDED}
    # One of them ran; the others have its result and say so.
    assert sorted(job.attempt for job in ended) == [0] * (CALLERS - 1) + [1]
    assert len({str(job.result) for job in ended}) == 1
    for job_id in ids:
        assert service.log_of(job_id)[-1].type == "job.succeeded"
    wait_until(lambda: set(heard) == ids, seconds=60)
    assert set(heard.values()) == {1}
