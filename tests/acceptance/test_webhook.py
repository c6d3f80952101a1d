"""The end of a job is told, signed, until someone hears it."""

import httpx2
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from db.contracts.job_state import JobState
from tests.acceptance.conftest import Service
from tests.waiting import wait_until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"


def test_a_receiver_that_fails_twice_gets_the_same_message_a_third_time(
    service: Service, httpserver: HTTPServer
) -> None:
    heard: list[Request] = []

    def receive(request: Request) -> Response:
        heard.append(request)
        return Response(status=500 if len(heard) < 3 else 204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(receive)
    job = service.client.submit_solve(
        "nug12",
        limits={"iterations": 1000},
        webhook_url=httpserver.url_for("/hook"),
        webhook_secret=SECRET,
    )
    wait_until(lambda: len(heard) == 3, seconds=60)

    ids = {request.headers["webhook-id"] for request in heard}
    assert len(ids) == 1
    for request in heard:
        # Verifies the signature and the time, by the reference library.
        told = Webhook(SECRET).verify(request.data, dict(request.headers))
        assert told["type"] == "job.succeeded"
        assert told["subject"] == job.id
        assert request.headers["traceparent"] == told["traceparent"]
    # The same bytes, with the same number, as in the log.
    last = service.log_of(job.id)[-1]
    assert int(told["sequence"]) == last.number
    assert service.client.job(job.id).state is JobState.SUCCEEDED
    (delivery,) = httpx2.get(
        f"{service.stack.api_url}/v1/jobs/{job.id}/deliveries"
    ).json()["items"]
    assert [each["status_code"] for each in delivery["attempts"]] == [500, 500, 204]
    assert {delivery["id"]} == ids
