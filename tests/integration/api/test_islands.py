"""Solves by islands and by portfolios: what is asked for, and how it is shown."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.kinds.islands import IslandsRequest
from tests.sample_jobs import row
from worker.attempt import run_attempt
from worker.coordination import lead_on

NUG12 = {"instance": {"name": "nug12"}, "limits": {"time_s": 60}}
LINEAR = {"instance": {"costs": [[1, 2], [3, 4]]}}


def post(client: TestClient, **fields: Any) -> Any:
    return client.post("/v1/jobs", json={**NUG12, **fields})


def test_one_island_is_a_solve(client: TestClient) -> None:
    assert post(client, islands=1).json()["kind"] == "solve"


def test_several_are_shown_as_the_one_solve_that_they_are(client: TestClient) -> None:
    fields = {"islands": 3, "method": "memetic", "parameters": {"population": 5}}
    shown = post(client, **fields, seed=7).json()
    assert shown["kind"] == "islands"
    assert shown["instance"]["name"] == "nug12"
    assert (shown["method"], shown["seed"], shown["islands"]) == ("memetic", 7, 3)
    assert shown["parameters"] == {"population": 5}
    assert shown["limits"]["time_s"] == 60
    assert shown["portfolio"] is None
    looked = client.get(shown["links"]["self"]).json()
    assert looked["counts"] == {**dict.fromkeys(looked["counts"], 0), "total": 3} | {
        "waiting": 3
    }
    (listed,) = client.get("/v1/jobs").json()["items"]
    assert (listed["id"], listed["islands"]) == (shown["id"], 3)


@pytest.mark.parametrize(
    ("fields", "islands", "methods"),
    [
        ({"method": "portfolio"}, 4, None),
        ({"method": "portfolio", "islands": 6}, 6, None),
        ({"portfolio": ["memetic", "breakout"]}, 2, ["memetic", "breakout"]),
        (
            {"portfolio": ["memetic", "exact"], "method": "portfolio", "islands": 3},
            3,
            ["memetic", "exact"],
        ),
    ],
)
def test_a_portfolio_races_methods(
    client: TestClient,
    app_backplane: Backplane,
    fields: dict[str, Any],
    islands: int,
    methods: list[str] | None,
) -> None:
    shown = post(client, **fields).json()
    assert (shown["kind"], shown["method"]) == ("islands", "portfolio")
    assert shown["islands"] == islands
    wanted = row(app_backplane.database, shown["id"]).request
    request = IslandsRequest.model_validate_json(wanted)
    assert shown["portfolio"] == list(request.portfolio)
    if methods is not None:
        assert shown["portfolio"] == methods


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"islands": 0}, "#/islands"),
        ({"islands": 65}, "#/islands"),
        ({"islands": "2"}, "#/islands"),
        ({"islands": 2, "method": "portfolio"}, "#/islands"),
        ({"islands": 1, "portfolio": ["memetic", "breakout"]}, "#/islands"),
        ({"portfolio": ["memetic"]}, "#/portfolio"),
        ({"portfolio": ["memetic", "memetic"]}, "#/portfolio/1"),
        ({"portfolio": ["memetic", "memetics"]}, "#/portfolio/1"),
        ({"portfolio": ["portfolio", "memetic"]}, "#/portfolio/0"),
        ({"portfolio": ["memetic", "linear_assignment"]}, "#/portfolio/1"),
        ({"portfolio": ["memetic", "breakout"], "method": "exact"}, "#/portfolio"),
        ({"method": "portfolio", "parameters": {"population": 9}}, "#/parameters"),
        ({**LINEAR, "islands": 2}, "#/islands"),
        ({**LINEAR, "method": "portfolio"}, "#/method"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(
    client: TestClient, fields: dict[str, Any], pointer: str
) -> None:
    answer = post(client, **fields)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert error["suggestion"]


def test_an_item_of_a_batch_is_solved_by_one(client: TestClient) -> None:
    body = {"items": [NUG12, {**NUG12, "islands": 2}]}
    answer = client.post("/v1/batches", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/items/1/islands"


def test_the_result_is_that_of_a_solve_and_says_who_found_it(
    client: TestClient, app_backplane: Backplane
) -> None:
    limits = {"time_s": 60, "target_objective": 578}
    job_id = post(client, islands=2, method="memetic", limits=limits).json()["id"]
    lead_on(app_backplane, job_id)
    path = f"/v1/jobs/{job_id}"
    assert client.get(f"{path}/result").status_code == 204
    children = client.get("/v1/jobs", params={"parent": job_id}).json()["items"]
    assert {child["parent"] for child in children} == {job_id}
    first = next(child for child in children if child["seed"] == 0)
    run_attempt(app_backplane, first["id"])
    shown = client.get(path).json()
    result = shown["result"]
    assert (shown["state"], shown["counts"]["succeeded"]) == ("succeeded", 1)
    assert (result["objective"], result["island"]) == (578, 0)
    assert result["islands"][0]["job"] == first["id"]
    told = client.get(f"{path}/result").json()
    assert (told["final"], told["objective"]) == (True, 578)
    assert told["result"]["islands"] == result["islands"]
    assert told["result"]["certificate"]["permutation"] == result["permutation"]
    again = post(client, start={"job": job_id}, limits={"iterations": 1})
    assert again.status_code == 202
