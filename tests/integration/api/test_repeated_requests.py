"""Idempotency-Key: the same request twice is one job and one answer."""

import threading

import httpx2
import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi
from tests.one_worker import OneWorker
from tests.waiting import wait_until

BODY = {"instance": {"name": "nug12"}, "limits": {"iterations": 50}, "cache": False}
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def jobs(client: TestClient) -> list[str]:
    return [job["id"] for job in client.get("/v1/jobs").json()["items"]]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/jobs", BODY),
        ("/v1/batches", {"items": [BODY]}),
        (
            "/v1/benchmarks",
            {
                "instances": ["nug12"],
                "methods": ["memetic"],
                "limits": {"iterations": 50},
            },
        ),
    ],
)
def test_the_first_answer_is_given_again(
    client: TestClient, app_backplane: Backplane, path: str, body: dict[str, object]
) -> None:
    first = client.post(path, json=body, headers=KEY)
    OneWorker(app_backplane).work_off(first.json()["id"])
    second = client.post(path, json=body, headers=KEY)
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.text == first.text
    assert second.headers["location"] == first.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert len(jobs(client)) == 1


def test_quotes_are_no_part_of_the_key(client: TestClient) -> None:
    client.post("/v1/jobs", json=BODY, headers=KEY)
    bare = {"Idempotency-Key": KEY["Idempotency-Key"].strip('"')}
    assert (
        "idempotent-replayed"
        in client.post("/v1/jobs", json=BODY, headers=bare).headers
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/jobs", {**BODY, "seed": 1}), ("/v1/batches", {"items": [BODY]})],
)
def test_another_request_with_the_key_is_refused(
    client: TestClient, path: str, body: dict[str, object]
) -> None:
    client.post("/v1/jobs", json=BODY, headers=KEY)
    answer = client.post(path, json=body, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-mismatch"
    assert len(jobs(client)) == 1


def test_while_the_first_is_being_answered_the_second_is_told_so(
    live: LiveApi, app_backplane: Backplane
) -> None:
    answers: list[httpx2.Response] = []
    with httpx2.Client(base_url=live.url, timeout=60) as client:

        def ask_and_wait() -> None:
            headers = {**KEY, "Prefer": "wait=60"}
            answers.append(
                httpx2.post(
                    f"{live.url}/v1/jobs", json=BODY, headers=headers, timeout=90
                )
            )

        thread = threading.Thread(target=ask_and_wait)
        thread.start()
        wait_until(lambda: client.get("/v1/jobs").json()["items"])
        second = client.post("/v1/jobs", json=BODY, headers=KEY)
        OneWorker(app_backplane).work_off(*jobs(client))
        thread.join()
        third = client.post("/v1/jobs", json=BODY, headers=KEY)
    (first,) = answers
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["type"] == "/problems/idempotency-in-progress"
    assert first.json()["id"] in second.json()["detail"]
    assert (third.status_code, third.text) == (201, first.text)


def test_of_many_at_once_one_makes_the_job(client: TestClient) -> None:
    answers = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        answers.append(client.post("/v1/jobs", json=BODY, headers=KEY))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jobs(client)) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    accepted = {answer.text for answer in answers if answer.status_code == 202}
    assert len(accepted) == 1


def test_a_request_that_was_refused_leaves_its_key_free(client: TestClient) -> None:
    assert client.post("/v1/jobs", json={}, headers=KEY).status_code == 422
    assert client.post("/v1/jobs", json=BODY, headers=KEY).status_code == 202


def test_an_answer_that_never_came_is_made_from_the_job(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.idempotency.ANSWER_MARGIN_SECONDS", -1.0)
    monkeypatch.setattr("api.idempotency.keep", lambda *_: None)
    first = client.post("/v1/jobs", json=BODY, headers=KEY)
    second = client.post("/v1/jobs", json=BODY, headers=KEY)
    assert second.status_code == 202
    assert second.json()["id"] == first.json()["id"]
    assert second.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["", '""', "a b", "k" * 201, "ümlaut"])
def test_what_is_no_key_is_refused(client: TestClient, key: str) -> None:
    answer = client.post(
        "/v1/jobs", json=BODY, headers={"Idempotency-Key": key.encode()}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#header/Idempotency-Key"


def test_callers_have_keys_of_their_own(make_app: MakeApp, client: TestClient) -> None:
    other = TestClient(client.app, client=("192.0.2.7", 1234))
    client.post("/v1/jobs", json=BODY, headers=KEY)
    assert (
        "idempotent-replayed"
        not in other.post("/v1/jobs", json=BODY, headers=KEY).headers
    )
    assert len(jobs(client)) == 2


def test_a_caller_may_have_so_many_jobs_waiting(
    make_app: MakeApp, sqlite_url: str, redis: object, valkey: object
) -> None:
    app = make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,  # type: ignore[attr-defined]
        max_queued_per_caller=2,
        max_queued=3,
    )
    one, two = (
        TestClient(app, client=(host, 1)) for host in ("192.0.2.1", "192.0.2.2")
    )
    assert [one.post("/v1/jobs", json=BODY).status_code for _ in range(2)] == [202, 202]
    refused = one.post("/v1/jobs", json=BODY)
    assert refused.status_code == 429
    assert refused.json()["type"].endswith("#quota-exceeded")
    assert int(refused.headers["retry-after"]) >= 1
    assert two.post("/v1/jobs", json=BODY).status_code == 202
    full = two.post("/v1/jobs", json=BODY)
    assert full.status_code == 503
    assert full.json()["type"].endswith("#temporary-reduced-capacity")
    assert int(full.headers["retry-after"]) >= 1
    OneWorker(app.state.solvequeue.backplane).work_off(*jobs(one), *jobs(two))
    app.state.solvequeue.room._counted_at = 0.0
    assert one.post("/v1/jobs", json=BODY).status_code == 202
