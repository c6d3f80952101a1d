"""Input that no one should send: a 4xx that says where and what to do, and no job."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from api.main import create_app
from db.contracts.settings import Settings
from db.repositories import instances, jobs
from tests.integration.api.conftest import OWN_HOST
from tests.integration.api.corpus import (
    ENDPOINTS,
    GOOD,
    INSTANCES,
    MATRICES,
    NUMBERS,
    RAW,
    WEBHOOKS,
    Endpoint,
    job_fields,
)

MAX_BYTES = 4096
JSON = {"Content-Type": "application/json"}
JOB_FIELDS = list(job_fields())
NUG12 = {"instance": {"name": "nug12"}}
endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.path)


@pytest.fixture(scope="module")
def client(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """Yield one client for all: what is refused needs no event server."""
    home = tmp_path_factory.mktemp("hostile")
    path = shutil.copy(migrated_sqlite, home / "solvequeue.db")
    nowhere = f"unix://{home}/nothing.sock"
    app = create_app(
        Settings(
            home=home,
            database_url=f"sqlite:///{path}",
            redis_url=nowhere,
            rate_limits="off",
        )
    )
    yield TestClient(app, raise_server_exceptions=False, client=OWN_HOST)
    app.state.solvequeue.close()


@pytest.fixture(autouse=True)
def _nothing_is_recorded(client: TestClient) -> Iterator[None]:
    yield
    state: Any = client.app
    database = state.state.solvequeue.backplane.database
    with database.reading() as connection:
        assert sum(jobs.count_by_state(connection).values()) == 0
        assert instances.count_instances(connection) == 0


def post(client: TestClient, path: str, body: Any) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, content=content, headers=JSON)


def assert_refused(answer: httpx2.Response, status: int = 422) -> dict[str, Any]:
    """Check all that a problem must have, and return it."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) <= MAX_BYTES
    told: dict[str, Any] = answer.json()
    assert told["type"].startswith("/problems/")
    assert told["status"] == status
    for field in ("title", "detail", "suggestion", "request_id", "error_code"):
        assert told[field]
    assert told["request_id"] == answer.headers["x-request-id"]
    for each in told["errors"]:
        assert each["pointer"].startswith("#")
        assert each["detail"]
        assert each["suggestion"]
    return told


def assert_points(answer: httpx2.Response, pointer: str) -> dict[str, Any]:
    """Check that the problem is a body's, and where it is seen; return that."""
    told = assert_refused(answer)
    assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert told["error_code"] == "VALIDATION_ERROR"
    found: dict[str, Any] = told["errors"][0]
    return found


@endpoints
@pytest.mark.parametrize("body", RAW.values(), ids=RAW)
def test_a_body_that_is_no_request_is_refused(
    client: TestClient, endpoint: Endpoint, body: bytes
) -> None:
    told = assert_refused(post(client, endpoint.path, body))
    assert told["errors"]


@endpoints
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_json_does_not_have_is_refused(
    client: TestClient, endpoint: Endpoint, number: str
) -> None:
    body = json.dumps(endpoint.with_matrix([[0, 3], ["HERE", 0]]))
    answer = post(client, endpoint.path, body.replace('"HERE"', number).encode())
    assert_points(answer, "#")


@endpoints
@pytest.mark.parametrize(("matrix", "where"), MATRICES.values(), ids=MATRICES)
def test_a_bad_matrix_is_pointed_at(
    client: TestClient, endpoint: Endpoint, matrix: Any, where: str
) -> None:
    given = endpoint.with_matrix(matrix)
    if endpoint.other and isinstance(matrix, list) and len(matrix) > 1000:
        given = endpoint.body(
            **dict.fromkeys((endpoint.matrix, *endpoint.other), matrix)
        )
    answer = post(client, endpoint.path, given)
    found = assert_refused(answer)["errors"]
    name = endpoint.matrix
    if (
        len(matrix if isinstance(matrix, list) else []) > 1000
        and "flow_matrix" in given
    ):
        name = "flow_matrix"
    assert [each["pointer"] for each in found] == [endpoint.pointer(name) + where]


@endpoints
def test_the_smallest_matrix_that_is_too_small_is_told_why(
    client: TestClient, endpoint: Endpoint
) -> None:
    found = assert_points(
        post(client, endpoint.path, endpoint.with_matrix([[7]])),
        endpoint.pointer(endpoint.matrix),
    )
    assert found["detail"] == "a matrix of 1 row"
    assert found["suggestion"] == "An instance has at least two facilities."


@pytest.mark.parametrize("endpoint", ENDPOINTS[:2], ids=lambda each: each.path)
@pytest.mark.parametrize(("given", "where"), INSTANCES.values(), ids=INSTANCES)
def test_a_bad_instance_is_pointed_at(
    client: TestClient, endpoint: Endpoint, given: dict[str, Any], where: str
) -> None:
    answer = post(client, endpoint.path, endpoint.body(**given))
    assert_points(answer, endpoint.pointer() + where)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [each[1:] for each in JOB_FIELDS],
    ids=[each[0] for each in JOB_FIELDS],
)
def test_a_bad_field_of_a_job_is_pointed_at(
    client: TestClient, fields: dict[str, Any], pointer: str
) -> None:
    assert_points(post(client, "/v1/jobs", {**NUG12, **fields}), pointer)


@pytest.mark.parametrize("url", WEBHOOKS)
@pytest.mark.parametrize("path", ["/v1/jobs", "/solve", "/solve-async"])
def test_an_address_that_must_not_be_called_is_refused_at_once(
    client: TestClient, path: str, url: str
) -> None:
    given = NUG12 if path == "/v1/jobs" else {"problem_matrix": GOOD}
    answer = post(client, path, {**given, "webhook_url": url})
    assert_points(answer, "#/webhook_url")


@pytest.mark.parametrize("path", ["/solve", "/solve-async"])
@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"problem_size": 3}, "#/problem_size"),
        ({"problem_size": 1}, "#/problem_size"),
        ({"problem_size": "2"}, "#/problem_size"),
        ({"iterations": 0}, "#/iterations"),
        ({"iterations": 10**30}, "#/iterations"),
        ({"random_seed": -1}, "#/random_seed"),
        ({"timeout_seconds": 0}, "#/timeout_seconds"),
        ({"timeout_seconds": 3601}, "#/timeout_seconds"),
        ({"priority": 11}, "#/priority"),
        ({"method": "nonsense"}, "#/method"),
        ({"method": 7}, "#/method"),
        ({"itertions": 7}, "#/itertions"),
        ({"flow_matrix": [[0] * 3] * 3}, "#/problem_matrix"),
    ],
)
def test_a_bad_field_of_a_problem_is_pointed_at(
    client: TestClient, path: str, fields: dict[str, Any], pointer: str
) -> None:
    assert_points(post(client, path, {"problem_matrix": GOOD, **fields}), pointer)


@pytest.mark.parametrize(
    ("fields", "suggestion"),
    [
        ({"sede": 7}, "Did you mean seed?"),
        ({"limits": {"time_": 7}}, "Did you mean time_s?"),
        ({"instance": {"nme": "nug12"}}, "Did you mean name?"),
        ({"instance": {"name": "nug13"}}, "Did you mean nug"),
        ({"method": "taboo_search"}, "Did you mean tabu_search?"),
        ({"seed": "7"}, "Send an integer, without quotes or fraction."),
        ({"seed": -1}, "Send a value of at least 0."),
        ({"limits": 7}, "Send a JSON object: {…}."),
        ({"kind": "batch"}, "Send 'solve'."),
    ],
)
def test_the_suggestion_is_one_to_act_on(
    client: TestClient, fields: dict[str, Any], suggestion: str
) -> None:
    told = assert_refused(post(client, "/v1/jobs", {**NUG12, **fields}))
    assert told["errors"][0]["suggestion"].startswith(suggestion)
    assert told["suggestion"] == told["errors"][0]["suggestion"]


def test_a_missing_field_is_named(client: TestClient) -> None:
    found = assert_points(post(client, "/v1/jobs", {"seed": 7}), "#/instance")
    assert found["suggestion"] == "Add instance."


def test_every_wrong_field_is_told_at_once(client: TestClient) -> None:
    body = {**NUG12, "seed": -1, "limits": {"gap": 2}, "method": ""}
    told = assert_refused(post(client, "/v1/jobs", body))
    pointers = {each["pointer"] for each in told["errors"]}
    assert pointers == {"#/seed", "#/limits/gap", "#/method"}


@endpoints
def test_a_declared_body_of_64_mb_is_refused_unread(
    client: TestClient, endpoint: Endpoint
) -> None:
    headers = {**JSON, "Content-Length": str(2**26)}
    answer = client.post(endpoint.path, content=b"{}", headers=headers)
    assert_refused(answer, 413)


@endpoints
def test_a_length_of_a_thousand_digits_is_refused(
    client: TestClient, endpoint: Endpoint
) -> None:
    headers = {**JSON, "Content-Length": "9" * 5000}
    answer = client.post(endpoint.path, content=b"{}", headers=headers)
    assert_refused(answer, 413)


@endpoints
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "?"])
def test_a_compressed_body_is_not_unpacked(
    client: TestClient, endpoint: Endpoint, encoding: str
) -> None:
    headers = {**JSON, "Content-Encoding": encoding}
    answer = client.post(endpoint.path, content=b"\x1f\x8b\x08", headers=headers)
    assert_refused(answer, 415)


@endpoints
@pytest.mark.parametrize(
    "media_type", ["text/html", "application/xml", "multipart/form-data", "?", "\x7f"]
)
def test_a_body_of_another_type_is_not_read(
    client: TestClient, endpoint: Endpoint, media_type: str
) -> None:
    headers = {"Content-Type": media_type}
    answer = client.post(endpoint.path, content=b"{}", headers=headers)
    assert_refused(answer, 415)


@pytest.mark.parametrize("text", [b"", b" ", b"\xff\xfe", b"nug12", b"2 0 1", b"\0"])
def test_text_that_is_not_of_qaplib_is_refused(client: TestClient, text: bytes) -> None:
    headers = {"Content-Type": "text/plain"}
    assert_points(client.post("/v1/instances", content=text, headers=headers), "#")
