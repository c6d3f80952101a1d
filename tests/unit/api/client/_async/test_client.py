import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from api.client import (
    Client,
    ForbiddenError,
    ProblemError,
    ServerUnreachableError,
    UnauthenticatedError,
    WaitTimeoutError,
)
from db.contracts.job_state import JobState
from tests.unit.api.client.conftest import OpenClient

JOB: dict[str, Any] = {
    "id": "job_1",
    "kind": "solve",
    "state": "running",
    "created_at": "2026-01-02T03:04:05.678Z",
    "unheard_of": {"by": "this client"},
}
ENDED = {**JOB, "state": "succeeded"}


def sent(server: HTTPServer) -> Any:
    request, _ = server.log[-1]
    return json.loads(request.data)


def test_a_library_name_is_sent_as_an_instance(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/v1/jobs", "POST").respond_with_json(JOB, 202)
    job = client.submit_solve("nug30", seed=7, limits={"time_s": 5})
    assert job.state is JobState.RUNNING
    assert sent(httpserver) == {
        "kind": "solve",
        "instance": {"name": "nug30"},
        "seed": 7,
        "limits": {"time_s": 5},
    }


def test_everything_that_was_asked_for_is_sent(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(
        "/v1/jobs", "POST", headers={"Prefer": "wait=3"}
    ).respond_with_json(ENDED, 201)
    job = client.submit_solve(
        {"costs": [[1, 2], [3, 4]]},
        method="linear_assignment",
        parameters={"tenure": 4},
        islands=3,
        portfolio=["memetic", "breakout"],
        webhook_url="https://example.org/told",
        wait_seconds=2.5,
    )
    assert job.is_final
    assert sent(httpserver) == {
        "kind": "solve",
        "instance": {"costs": [[1, 2], [3, 4]]},
        "method": "linear_assignment",
        "parameters": {"tenure": 4},
        "seed": 0,
        "islands": 3,
        "portfolio": ["memetic", "breakout"],
        "webhook_url": "https://example.org/told",
    }


def test_what_a_newer_service_adds_is_kept(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/v1/jobs/job_1").respond_with_json(JOB)
    kept = client.job("job_1").model_dump(mode="json")
    assert kept["unheard_of"] == {"by": "this client"}


def test_listing_goes_on_to_the_last_page(
    httpserver: HTTPServer, client: Client
) -> None:
    pages = {"": (["a", "b"], "p2"), "p2": ([], "p3"), "p3": (["c"], "")}

    def page(request: Request) -> Response:
        assert request.args["state"] == "succeeded"
        ids, following = pages[request.args.get("after", "")]
        items = [{**ENDED, "id": each} for each in ids]
        return Response(
            json.dumps({"items": items, "next": following}),
            content_type="application/json",
        )

    httpserver.expect_request("/v1/jobs").respond_with_handler(page)
    found = client.jobs(state="succeeded", method=None)
    assert [job.id for job in found] == ["a", "b", "c"]


def test_a_result_that_is_not_there_yet_is_none(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/v1/jobs/job_1/result").respond_with_data(status=204)
    assert client.result("job_1") is None


def test_an_incumbent_is_a_result_that_is_not_final(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/v1/jobs/job_1/result").respond_with_json(
        {"final": False, "state": "running", "objective": 7, "permutation": [1, 0]}
    )
    result = client.result("job_1")
    assert result is not None
    assert (result.final, result.objective) == (False, 7)


def test_cancelling_tells_how_the_job_stands(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/v1/jobs/job_1/cancel", "POST").respond_with_json(
        {**JOB, "cancel_requested": True}, 202
    )
    assert client.cancel("job_1").cancel_requested


def test_waiting_asks_only_for_news(httpserver: HTTPServer, client: Client) -> None:
    path = "/v1/jobs/job_1"
    answers = [
        ({}, 200, JOB, '"1"'),
        ({"If-None-Match": '"1"', "Prefer": "wait=20"}, 304, None, '"1"'),
        ({"If-None-Match": '"1"', "Prefer": "wait=20"}, 200, JOB, '"2"'),
        ({"If-None-Match": '"2"', "Prefer": "wait=20"}, 200, ENDED, '"3"'),
    ]
    for headers, status, body, tag in answers:
        httpserver.expect_ordered_request(path, headers=headers).respond_with_data(
            "" if body is None else json.dumps(body), status, {"ETag": tag}
        )
    assert client.wait("job_1").state is JobState.SUCCEEDED
    httpserver.check_assertions()


def test_waiting_outlives_a_service_that_is_away(
    httpserver: HTTPServer, client: Client
) -> None:
    answers = iter(
        [
            Response(json.dumps(JOB), 200, {"ETag": '"1"'}),
            Response("upstream is gone", 503),
            Response(json.dumps(ENDED), 200, {"ETag": '"2"'}),
        ]
    )
    httpserver.expect_request("/v1/jobs/job_1").respond_with_handler(
        lambda _: next(answers)
    )
    assert client.wait("job_1").is_final


def test_waiting_ends_in_time(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/v1/jobs/job_1").respond_with_json(
        JOB, headers={"ETag": '"1"'}
    )
    with pytest.raises(WaitTimeoutError, match="job_1 is still running") as raised:
        client.wait("job_1", timeout_seconds=0)
    assert raised.value.job.id == "job_1"


def test_a_refusal_says_what_to_do(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/v1/jobs", "POST").respond_with_json(
        {
            "type": "/problems/invalid-input",
            "title": "Unprocessable",
            "status": 422,
            "detail": "flow is not square",
            "errors": [{"pointer": "#/instance/flow/3", "detail": "11 values, not 12"}],
            "suggestion": "Send n rows of n values.",
        },
        422,
        content_type="application/problem+json",
    )
    with pytest.raises(ProblemError) as raised:
        client.submit_solve({"flow": [[1]]})
    assert raised.value.status == 422
    assert str(raised.value).splitlines() == [
        "flow is not square (422)",
        "at #/instance/flow/3: 11 values, not 12",
        "Send n rows of n values.",
    ]


@pytest.mark.parametrize("body", ["<html>", '"text"', '{"errors": 3}', ""])
def test_a_refusal_in_other_words_is_a_problem_too(
    httpserver: HTTPServer, client: Client, body: str
) -> None:
    httpserver.expect_request("/v1/jobs/job_1").respond_with_data(body, 502)
    with pytest.raises(ProblemError, match=r"\(502\)"):
        client.job("job_1")


def test_nobody_there_says_how_to_start_the_service(open_client: OpenClient) -> None:
    with (
        open_client("http://127.0.0.1:1") as client,
        pytest.raises(ServerUnreachableError, match="solvequeue up"),
    ):
        client.job("job_1")


def test_methods_and_instances_are_listed(
    httpserver: HTTPServer, client: Client
) -> None:
    instance = {"name": "nug12", "sha256": "0" * 64, "order": 12}
    httpserver.expect_request("/v1/methods").respond_with_json(
        {"items": [{"name": "tabu_search"}], "bounds": []}
    )
    httpserver.expect_request("/v1/instances").respond_with_json({"items": [instance]})
    httpserver.expect_request("/v1/instances/nug12").respond_with_json(instance)
    assert [method.name for method in client.methods()] == ["tabu_search"]
    assert client.instances() == [client.instance("nug12")]


def test_qaplib_text_is_uploaded_as_it_is(
    httpserver: HTTPServer, client: Client
) -> None:
    text = "2\n0 1\n1 0\n0 1\n1 0\n"
    httpserver.expect_request(
        "/v1/instances", "POST", data=text, query_string={"name": "two"}
    ).respond_with_json({"sha256": "0" * 64, "name": "two", "order": 2}, 201)
    assert client.upload_qaplib(text, "two").order == 2


def test_an_id_cannot_leave_its_place_in_the_path(
    httpserver: HTTPServer, client: Client
) -> None:
    with pytest.raises(ProblemError):
        client.job("../methods")
    request, _ = httpserver.log[-1]
    assert request.environ["REQUEST_URI"] == "/v1/jobs/..%2Fmethods"


def test_a_certificate_is_checked_by_the_service(
    httpserver: HTTPServer, open_client: OpenClient
) -> None:
    verdict = {"valid": False, "objective": 7, "reasons": ["edited"]}
    httpserver.expect_request("/v1/verify", "POST").respond_with_json(verdict)
    certificate = {"objective": 8}
    with open_client(httpserver.url_for("")) as client:
        found = client.verify(certificate, instance={"name": "nug12"})
    assert (found.valid, found.objective, found.reasons) == (False, 7, ["edited"])
    request, _ = httpserver.log[0]
    assert json.loads(request.data) == {
        "certificate": certificate,
        "instance": {"name": "nug12"},
    }


def test_the_key_is_sent_with_everything(
    httpserver: HTTPServer, open_client: OpenClient
) -> None:
    key = {"Authorization": "Bearer sq_mine"}
    httpserver.expect_request("/v1/jobs/job_1", headers=key).respond_with_json(ENDED)
    httpserver.expect_request("/v1/jobs/job_1/events", headers=key).respond_with_data(
        status=204
    )
    with open_client(httpserver.url_for(""), api_key=" sq_mine\n") as client:
        assert client.job("job_1").is_final
        assert list(client.events("job_1")) == []


@pytest.mark.parametrize(
    ("status", "kind"), [(401, UnauthenticatedError), (403, ForbiddenError)]
)
def test_a_refusal_for_want_of_rights_is_its_own_error(
    httpserver: HTTPServer, client: Client, status: int, kind: type[ProblemError]
) -> None:
    problem = {"status": status, "title": "no", "detail": "no key"}
    httpserver.expect_request("/v1/jobs/job_1").respond_with_json(problem, status)
    with pytest.raises(kind, match="no key"):
        client.job("job_1")


def test_a_stream_token_is_asked_for_by_topics(
    httpserver: HTTPServer, client: Client
) -> None:
    wish = {"topics": ["job:job_1", "metrics"], "expires_in_s": 30}
    answer = {"token": "sqst_a", "expires_at": "2026-01-02T03:04:05Z", **wish}
    httpserver.expect_request("/v1/stream-tokens", "POST", json=wish).respond_with_json(
        answer, 201
    )
    made = client.create_stream_token("job:job_1", "metrics", expires_in_seconds=30)
    assert (made.token, made.topics) == ("sqst_a", ("job:job_1", "metrics"))
