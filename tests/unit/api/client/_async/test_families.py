import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from api.client import Client, NotFoundError, ServerUnreachableError
from tests.unit.api.client.conftest import OpenClient

PATH = "/v1/batches/job_1"
BATCH: dict[str, Any] = {
    "id": "job_1",
    "kind": "batch",
    "state": "running",
    "created_at": "2026-01-02T03:04:05.678Z",
    "counts": {"total": 3, "succeeded": 1},
}
ENDED = {**BATCH, "state": "succeeded"}


def lines(*indexes: int) -> str:
    items = [
        {"index": index, "job": f"job_{index}", "state": "succeeded", "cached": False}
        for index in indexes
    ]
    return "".join(f"{json.dumps(item)}\n" for item in items)


def serve(server: HTTPServer, *, states: list[Any], results: list[Response]) -> None:
    """Answer with these, one after another."""
    looks, reads = iter(states), iter(results)
    server.expect_request(PATH).respond_with_handler(
        lambda _: Response(json.dumps(next(looks)), content_type="application/json")
    )
    server.expect_request(f"{PATH}/results").respond_with_handler(lambda _: next(reads))


def test_items_that_have_ended_are_read_at_once(
    httpserver: HTTPServer, client: Client
) -> None:
    serve(httpserver, states=[BATCH], results=[Response(lines(2, 0))])
    assert [item.index for item in client.batches.items("job_1")] == [2, 0]


def test_items_are_followed_over_cuts_and_told_once(
    httpserver: HTTPServer, client: Client
) -> None:
    serve(
        httpserver,
        # The second stream ends well before all have: the service was restarted.
        states=[BATCH, BATCH, ENDED],
        results=[
            Response(lines(0)),
            Response("a proxy lost it", 502),
            Response(lines(0, 1, 2)),
        ],
    )
    items = client.batches.items("job_1", follow=True)
    assert [item.index for item in items] == [0, 1, 2]
    follows = [
        request.args.get("follow")
        for request, _ in httpserver.log
        if request.path.endswith("results")
    ]
    assert follows == ["true"] * 3


def test_a_batch_that_is_not_there_is_said_at_once(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_json({"detail": "no such"}, 404)
    with pytest.raises(NotFoundError):
        list(client.batches.items("job_1", follow=True))


def test_nobody_there_is_said_at_once(open_client: OpenClient) -> None:
    with (
        open_client("http://127.0.0.1:1") as client,
        pytest.raises(ServerUnreachableError),
    ):
        list(client.benchmarks.items("job_1", follow=True))


def test_names_and_whole_items_make_a_batch(
    httpserver: HTTPServer, client: Client
) -> None:
    def told(request: Request) -> Response:
        assert request.json == {
            "items": [{"instance": {"name": "nug12"}}, {"instance": {"costs": [[1]]}}],
            "parallel": False,
        }
        assert request.headers["Prefer"] == "wait=3"
        return Response(json.dumps(ENDED), 201, content_type="application/json")

    httpserver.expect_request("/v1/batches", "POST").respond_with_handler(told)
    batch = client.batches.create(
        ["nug12", {"instance": {"costs": [[1]]}}], parallel=False, wait_seconds=2.5
    )
    assert batch.is_final
    httpserver.check_assertions()
