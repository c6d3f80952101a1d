"""Ways to submit a job, and what the answer says."""

import json
import threading
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.catalogue import catalogue
from db.instance_codec import Matrices, encode, sha256
from db.repositories import instances
from tests.waiting import wait_until
from worker.attempt import run_attempt

FLOW = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
DISTANCE = [[0, 5, 4], [5, 0, 6], [4, 6, 0]]
COSTS = [[4, 1, 3], [2, 0, 5], [3, 2, 2]]
SECRET = "whsec_" + "A" * 43 + "="
WAIT = {"Prefer": "wait=20"}
QUICK = {"iterations": 100}


def submit(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/jobs", json=fields)
    assert answer.status_code == 202, answer.text
    view: dict[str, Any] = answer.json()
    return view


def digest(flow: Any, distance: Any, linear: Any = None) -> str:
    parts = [None if m is None else np.array(m) for m in (flow, distance, linear)]
    return sha256(encode(Matrices(*parts)))  # type: ignore[arg-type]


class Worker(threading.Thread):
    """Runs one job as soon as it is there."""

    def __init__(self, backplane: Backplane, redis: Redis) -> None:
        super().__init__(daemon=True)
        self._backplane, self._redis = backplane, redis

    def run(self) -> None:
        names: list[str] = []
        while not names:
            names = [str(key) for key in self._redis.keys("solvequeue:head:*")]
        run_attempt(self._backplane, names[0].rpartition(":")[2])


@pytest.fixture
def worker(app_backplane: Backplane, redis: Redis) -> Worker:
    return Worker(app_backplane, redis)


def test_a_job_is_accepted_with_all_that_is_needed_to_follow_it(
    client: TestClient,
) -> None:
    answer = client.post("/v1/jobs", json={"instance": {"name": "nug12"}, "seed": 7})
    view = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == view["links"]["self"]
    assert view["links"]["self"] == f"/v1/jobs/{view['id']}"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["etag"].startswith('W/"')
    assert (view["state"], view["attempt"], view["seed"]) == ("queued", 0, 7)
    assert client.get(answer.headers["location"]).json()["id"] == view["id"]


def test_an_instance_of_the_library_is_known_by_name_and_hash(
    client: TestClient,
) -> None:
    entry = catalogue().instances["nug12"]
    expected = {"sha256": entry.sha256, "name": "nug12", "order": 12}
    for given in ({"name": "nug12"}, {"name": "NUG12"}, {"sha256": entry.sha256}):
        assert submit(client, instance=given)["instance"] == expected


def test_matrices_are_stored_once_and_found_by_their_hash(
    client: TestClient, app_backplane: Backplane
) -> None:
    expected = digest(FLOW, DISTANCE)
    first = submit(client, instance={"flow": FLOW, "distance": DISTANCE})
    floats = [[float(entry) for entry in row] for row in FLOW]
    submit(client, instance={"flow": floats, "distance": DISTANCE})
    by_hash = submit(client, instance={"sha256": expected})
    assert first["instance"]["sha256"] == by_hash["instance"]["sha256"] == expected
    with app_backplane.database.reading() as connection:
        assert instances.count_instances(connection) == 1


def test_text_of_qaplib_is_the_same_instance(client: TestClient) -> None:
    numbers = [3, *np.ravel(FLOW), *np.ravel(DISTANCE)]
    text = "\n".join(map(str, numbers))
    view = submit(client, instance={"qaplib": text})
    assert view["instance"]["sha256"] == digest(FLOW, DISTANCE)


def test_costs_alone_are_a_linear_assignment(client: TestClient) -> None:
    view = submit(client, instance={"costs": COSTS})
    assert view["method"] == "linear_assignment"
    nothing = np.zeros_like(COSTS)
    assert view["instance"]["sha256"] == digest(nothing, nothing, COSTS)


def test_the_matrices_of_a_library_instance_bring_its_best_known_value(
    client: TestClient, app_backplane: Backplane, redis: Redis
) -> None:
    from worker.qap import qaplib

    nug12 = qaplib.load("nug12")
    given = {"flow": nug12.flow.tolist(), "distance": nug12.distance.tolist()}
    view = submit(client, instance=given, limits=QUICK)
    assert view["instance"]["name"] == "nug12"
    run_attempt(app_backplane, view["id"])
    ended = client.get(view["links"]["self"]).json()
    assert ended["result"]["best_known"] == 578


def test_a_whole_number_with_a_point_is_an_integer(client: TestClient) -> None:
    view = submit(
        client, instance={"name": "nug12"}, seed=7.0, limits={"iterations": 1e3}
    )
    assert (view["seed"], view["limits"]["iterations"]) == (7, 1000)


def test_of_a_field_sent_twice_the_last_counts(client: TestClient) -> None:
    body = b'{"instance": {"name": "nug12"}, "seed": 1, "seed": 2}'
    assert client.post("/v1/jobs", content=body).json()["seed"] == 2


def test_a_result_in_time_is_the_answer(client: TestClient, worker: Worker) -> None:
    worker.start()
    body = {"instance": {"name": "nug12"}, "limits": QUICK}
    answer = client.post("/v1/jobs", json=body, headers=WAIT)
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "wait=20"
    assert answer.json()["state"] == "succeeded"
    assert answer.json()["result"]["objective"] >= 578
    worker.join()


def test_a_result_that_takes_longer_is_waited_for_in_vain(client: TestClient) -> None:
    body = {"instance": {"name": "nug12"}}
    answer = client.post("/v1/jobs", json=body, headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    assert answer.json()["state"] == "queued"
    assert answer.headers["location"]


def test_the_hint_for_a_worker_holds_only_the_id(
    client: TestClient, redis: Redis
) -> None:
    view = submit(client, instance={"name": "nug12"}, limits={"time_s": 1})
    wait_until(lambda: redis.llen("interactive") == 1)
    message = json.loads(str(redis.lindex("interactive", 0)))
    assert message["headers"]["id"] == view["id"]
    assert message["headers"]["task"] == "worker.solve"


def test_the_webhooks_secret_is_shown_once(client: TestClient) -> None:
    url = "https://example.com/told"
    body = {"instance": {"name": "nug12"}, "webhook_url": url}
    view = submit(client, **body)
    assert view["webhook"]["url"] == url
    assert view["webhook"]["secret"].startswith("whsec_")
    later = client.get(view["links"]["self"])
    assert "whsec_" not in later.text
    listed = client.get("/v1/jobs")
    assert "whsec_" not in listed.text
    own = submit(client, **body, webhook_secret=SECRET)
    assert own["webhook"]["secret"] == SECRET


def test_a_request_id_of_ones_own_is_echoed(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "my-request.1"})
    assert answer.headers["x-request-id"] == "my-request.1"


def test_an_instance_is_stored_once(client: TestClient) -> None:
    given = {"flow": FLOW, "distance": DISTANCE, "name": "my own"}
    first = client.post("/v1/instances", json=given)
    again = client.post("/v1/instances", json=given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == f"/v1/instances/{digest(FLOW, DISTANCE)}"
    view = client.get(first.headers["location"]).json()
    assert view == first.json()
    assert (view["order"], view["exact"], view["source"]) == (3, True, "stored")
    listed = client.get("/v1/instances").json()["items"]
    assert listed[-1] == view
    assert {entry["name"] for entry in listed} > set(catalogue().instances)


def test_qaplib_text_is_stored_as_such(client: TestClient) -> None:
    text = "2\n0 1 1 0\n0 2 2 0\n"
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    answer = client.post(
        "/v1/instances", content=text, headers=headers, params={"name": "two"}
    )
    assert answer.status_code == 201
    assert (answer.json()["order"], answer.json()["name"]) == (2, "two")


def test_fractions_are_kept_and_said_to_be_inexact(client: TestClient) -> None:
    given = {"flow": [[0, 0.5], [0.5, 0]], "distance": [[0, 1], [1, 0]]}
    assert client.post("/v1/instances", json=given).json()["exact"] is False


def test_methods_are_listed_with_their_parameters(client: TestClient) -> None:
    listed = client.get("/v1/methods").json()
    names = [method["name"] for method in listed["items"]]
    assert names == list(catalogue().methods)
    assert listed["bounds"]
    for method in listed["items"]:
        assert client.get(f"/v1/methods/{method['name']}").json() == method


def test_parameters_of_the_method_are_taken_and_others_refused(
    client: TestClient,
) -> None:
    (first, *_) = catalogue().methods["tabu_search"].parameters
    view = submit(
        client,
        instance={"name": "nug12"},
        method="tabu_search",
        parameters={first.name: first.default},
    )
    assert view["parameters"] == {first.name: first.default}
    for value in (first.minimum - 1, first.maximum + 1, first.minimum - 1e-9):
        body = {
            "instance": {"name": "nug12"},
            "method": "tabu_search",
            "parameters": {first.name: value},
        }
        answer = client.post("/v1/jobs", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"#/parameters/{first.name}"
    near = {
        "instance": {"name": "nug12"},
        "method": "tabu_search",
        "parameters": {first.name + "s": 1},
    }
    hint = client.post("/v1/jobs", json=near).json()["suggestion"]
    assert hint.startswith(f"Did you mean {first.name}?")


def test_a_method_with_a_limit_refuses_larger_instances(client: TestClient) -> None:
    body = {"instance": {"name": "sko42"}, "method": "exact"}
    answer = client.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/method"
    assert "auto" in answer.json()["suggestion"]
    submit(client, instance={"name": "nug12"}, method="exact")


def test_the_application_works_without_a_lifespan_and_with_one(app: FastAPI) -> None:
    assert TestClient(app).get("/v1/jobs").json() == {"items": [], "next": ""}
    with TestClient(app) as client:
        submit(client, instance={"name": "nug12"})
        assert len(client.get("/v1/jobs").json()["items"]) == 1
