"""/v1/batches and /v1/benchmarks: what is accepted, what is told, what is refused."""

import csv
import io
import json
from collections.abc import Iterator

import httpx2
import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from tests import one_worker
from tests.integration.api.live import LiveApi
from tests.one_worker import OneWorker
from tests.sample_jobs import pending

ITEM = {"instance": {"name": "nug12"}, "limits": {"iterations": 50}}
BATCH = {"items": [{**ITEM, "seed": seed} for seed in range(4)]}
BENCHMARK = {
    "instances": ["nug12", {"name": "chr12a"}],
    "methods": ["tabu_search", {"method": "memetic", "label": "mine"}],
    "seeds": [1, 2],
    "limits": {"iterations": 50},
}


@pytest.fixture
def working(app_backplane: Backplane) -> Iterator[None]:
    with one_worker.working(app_backplane):
        yield


def test_a_batch_is_accepted_with_all_that_is_needed_to_follow_it(
    client: TestClient, app_backplane: Backplane
) -> None:
    answer = client.post("/v1/batches", json=BATCH)
    view = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/batches/{view['id']}"
    assert (view["kind"], view["state"]) == ("batch", "queued")
    assert (view["counts"]["total"], view["counts"]["waiting"]) == (4, 4)
    for link in ("self", "job", "events", "children", "results"):
        assert client.get(view["links"][link]).status_code == 200
    assert view["id"] in pending(app_backplane)


def test_instances_of_a_batch_are_stored_once(
    client: TestClient, app_backplane: Backplane
) -> None:
    matrix = [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    items = [{"instance": {"flow": matrix, "distance": matrix}}] * 3
    assert client.post("/v1/batches", json={"items": items}).status_code == 202
    with app_backplane.database.reading() as connection:
        from db.repositories import instances

        assert instances.count_instances(connection) == 1


def test_every_item_that_is_not_valid_is_named_by_its_index(client: TestClient) -> None:
    items = [ITEM, {"instance": {"name": "nug99"}}, {**ITEM, "seeed": 1}, "nothing"]
    answer = client.post("/v1/batches", json={"items": items})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [
        "#/items/1/instance/name",
        "#/items/2/seeed",
        "#/items/3",
    ]
    assert all(each["suggestion"] for each in answer.json()["errors"])
    assert client.get("/v1/jobs").json()["items"] == []


def test_what_is_not_valid_may_be_left_out(client: TestClient) -> None:
    items = [{"instance": {"name": "nug99"}}, ITEM]
    answer = client.post("/v1/batches", json={"items": items, "on_error": "skip"})
    assert answer.status_code == 202
    view = client.get(answer.json()["links"]["self"]).json()
    assert view["counts"]["total"] == 1
    (rejected,) = view["rejected"]
    assert rejected["index"] == 0
    assert rejected["errors"][0]["pointer"] == "#/instance/name"


def test_a_batch_with_nothing_valid_is_refused_all_the_same(client: TestClient) -> None:
    body = {"items": [{"instance": {"name": "nug99"}}], "on_error": "skip"}
    assert client.post("/v1/batches", json=body).status_code == 422


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"items": []}, "#/items"),
        (
            {"items": [{**ITEM, "webhook_url": "https://a.example/"}]},
            "#/items/0/webhook_url",
        ),
        ({"on_error": "ignore"}, "#/on_error"),
        ({"max_parallel": 0}, "#/max_parallel"),
        ({"webhook_url": "http://127.0.0.1/"}, "#/webhook_url"),
        ({"webhook_secret": "whsec_" + "A" * 32}, "#/webhook_secret"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(
    client: TestClient, changes: dict[str, object], pointer: str
) -> None:
    answer = client.post("/v1/batches", json={**BATCH, **changes})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"instances": ["nug99"]}, "#/instances/0"),
        ({"instances": ["nug12", "nug12"]}, "#/instances/1"),
        ({"instances": [{"name": "nug99"}]}, "#/instances/0/name"),
        ({"methods": ["tabou_search"]}, "#/methods/0"),
        ({"methods": [{"method": "tabou_search"}]}, "#/methods/0/method"),
        ({"methods": ["memetic", {"method": "memetic"}]}, "#/methods/1"),
        (
            {"methods": [{"method": "memetic", "parameters": {"populatoin": 3}}]},
            "#/methods/0/parameters/populatoin",
        ),
        ({"seeds": [1, 1]}, "#/seeds/1"),
        ({"seeds": list(range(500)), "methods": ["memetic"]}, None),
        ({"limits": {"time_s": -1}}, "#/limits/time_s"),
    ],
)
def test_a_benchmark_that_cannot_be_is_refused(
    client: TestClient, changes: dict[str, object], pointer: str | None
) -> None:
    answer = client.post("/v1/benchmarks", json={**BENCHMARK, **changes})
    assert answer.status_code == (202 if pointer is None else 422)
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert answer.json()["errors"][0]["suggestion"]


def test_too_many_runs_are_refused(client: TestClient) -> None:
    body = {**BENCHMARK, "seeds": list(range(500)), "instances": ["nug12"] * 1}
    labels = [{"method": "memetic", "label": f"m{n}"} for n in range(21)]
    answer = client.post("/v1/benchmarks", json={**body, "methods": labels})
    assert answer.status_code == 422
    assert "10500 runs" in answer.text


def test_the_results_of_a_batch_stream_by_index(live: LiveApi, working: None) -> None:
    with httpx2.Client(base_url=live.url, timeout=60) as client:
        view = client.post("/v1/batches", json=BATCH).json()
        with client.stream("GET", view["links"]["results"] + "?follow=true") as answer:
            assert answer.headers["content-type"].startswith("application/x-ndjson")
            lines = [json.loads(line) for line in answer.iter_lines()]
        assert sorted(line["index"] for line in lines) == [0, 1, 2, 3]
        assert {line["state"] for line in lines} == {"succeeded"}
        again = client.get(view["links"]["results"]).text.splitlines()
        assert [json.loads(line)["index"] for line in again] == [0, 1, 2, 3]
        assert client.get(view["links"]["self"]).json()["state"] == "succeeded"


def test_a_batch_may_be_waited_for(live: LiveApi, working: None) -> None:
    answer = httpx2.post(
        f"{live.url}/v1/batches", json=BATCH, headers={"Prefer": "wait=60"}, timeout=60
    )
    assert answer.status_code == 201
    assert answer.json()["counts"]["succeeded"] == 4
    listed = httpx2.get(f"{live.url}/v1/jobs", params={"kind": "batch"}).json()["items"]
    assert [each["counts"] for each in listed] == [answer.json()["counts"]]


def test_a_benchmark_reports_as_json_and_csv(live: LiveApi, working: None) -> None:
    with httpx2.Client(base_url=live.url, timeout=60) as client:
        answer = client.post(
            "/v1/benchmarks", json=BENCHMARK, headers={"Prefer": "wait=60"}
        )
        view = answer.json()
        assert (answer.status_code, view["counts"]["succeeded"]) == (201, 8)
        told = client.get(view["links"]["report"]).json()
        assert told["final"]
        assert len(told["report"]["cells"]) == 4
        text = client.get(view["links"]["report"], headers={"Accept": "text/csv"})
        assert text.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(text.text)))
        assert [(row["instance"], row["contender"]) for row in rows] == [
            (cell["instance"], cell["contender"]) for cell in told["report"]["cells"]
        ]


def test_before_any_run_has_ended_the_report_is_empty(client: TestClient) -> None:
    view = client.post("/v1/benchmarks", json=BENCHMARK).json()
    told = client.get(view["links"]["report"]).json()
    assert not told["final"]
    assert (told["report"]["counts"]["total"], told["report"]["cells"]) == (8, [])


def test_a_batch_is_cancelled_as_one(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = client.post("/v1/batches", json=BATCH).json()
    answer = client.post(view["links"]["cancel"])
    assert answer.status_code == 202
    OneWorker(app_backplane).work()
    shown = client.get(view["links"]["self"]).json()
    assert shown["state"] == "cancelled"
    assert client.post(view["links"]["cancel"]).status_code == 202


def test_a_job_of_another_kind_is_no_batch(client: TestClient) -> None:
    job = client.post("/v1/jobs", json=ITEM).json()
    answer = client.get(f"/v1/batches/{job['id']}")
    assert answer.status_code == 404
    assert f"/v1/jobs/{job['id']}" in answer.json()["suggestion"]


def test_children_are_listed_with_their_parent_only(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = client.post("/v1/batches", json=BATCH).json()
    OneWorker(app_backplane).work()
    listed = client.get("/v1/jobs").json()["items"]
    assert [job["id"] for job in listed] == [view["id"]]
    children = client.get(view["links"]["children"]).json()["items"]
    assert {job["parent"] for job in children} == {view["id"]}
    assert len(children) == 4
    assert client.get(f"/v1/jobs/{view['id']}/result").status_code == 404
