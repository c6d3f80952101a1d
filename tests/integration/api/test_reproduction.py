"""A run repeated comes to the same, or the service says why nobody could tell."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.catalogue import catalogue
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import SolveResult
from tests.integration.api.story import Story
from tests.sample_jobs import row, set_row
from worker.attempt import run_attempt

COSTS = [[7, 3, 6, 9], [2, 8, 4, 5], [6, 1, 3, 7], [4, 9, 2, 8]]
FRACTIONS = {
    "flow": [[0, 0.3, 0.1], [0.3, 0, 0.7], [0.1, 0.7, 0]],
    "distance": [[0, 1.5, 4.1], [1.5, 0, 2.2], [4.1, 2.2, 0]],
}
LIMITS = {
    "by time": {"time_s": 0.3},
    "by iterations": {"iterations": 137},
    "by target": {"target_objective": 620, "time_s": 0.3},
    "by gap": {"gap": 0.6, "time_s": 0.3},
}
METHODS = list(catalogue().methods)


def solved(
    client: TestClient, backplane: Backplane, **wish: Any
) -> tuple[str, dict[str, Any]]:
    """Return a job that has been solved in this process, and its view."""
    answer = client.post("/v1/jobs", json={"cache": False, **wish})
    assert answer.status_code == 202, answer.text
    return run(client, backplane, answer.json()["id"])


def run(
    client: TestClient, backplane: Backplane, job_id: str
) -> tuple[str, dict[str, Any]]:
    run_attempt(backplane, job_id)
    return job_id, client.get(f"/v1/jobs/{job_id}").json()


def reproduced(client: TestClient, backplane: Backplane, job_id: str) -> dict[str, Any]:
    """Return the view of the job's reproduction, solved."""
    answer = client.post(f"/v1/jobs/{job_id}/reproduce")
    assert answer.status_code == 202, answer.text
    view = answer.json()
    assert (view["origin"], view["origin_id"]) == ("reproduce", job_id)
    return run(client, backplane, view["id"])[1]


def refusal(client: TestClient, job_id: str, what: str = "reproduce") -> dict[str, Any]:
    answer = client.post(f"/v1/jobs/{job_id}/{what}")
    assert answer.status_code == 409, answer.text
    told: dict[str, Any] = answer.json()
    assert told["suggestion"]
    return told


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("method", METHODS)
def test_reproduce_matches_on_every_method(
    client: TestClient, app_backplane: Backplane, method: str, limits: dict[str, Any]
) -> None:
    is_linear = method == "linear_assignment"
    instance = {"costs": COSTS} if is_linear else {"name": "nug12"}
    job_id, first = solved(
        client,
        app_backplane,
        instance=instance,
        method=method,
        seed=11,
        limits=limits,
    )
    again = reproduced(client, app_backplane, job_id)
    assert again["result"]["reproduction"] == {
        "of": job_id,
        "verdict": "match",
        "objective": first["result"]["objective"],
        "expected_objective": first["result"]["objective"],
        "reasons": [],
    }
    for same in ("permutation", "course_sha256", "method_version", "seed"):
        assert again["result"][same] == first["result"][same]


def test_a_run_over_fractions_from_a_start_with_parameters_matches_too(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, _ = solved(
        client,
        app_backplane,
        instance=FRACTIONS,
        method="memetic",
        parameters={"population": 4},
        start={"permutation": [2, 1, 0]},
        limits={"time_s": 0.1},
    )
    again = reproduced(client, app_backplane, job_id)
    assert again["result"]["reproduction"]["verdict"] == "match"
    assert again["parameters"] == {"population": 4}


def test_a_run_cancelled_before_its_first_iteration_matches(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, view = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"time_s": 1e-9}
    )
    assert view["result"]["iterations"] == 0
    again = reproduced(client, app_backplane, job_id)
    assert again["result"]["iterations"] == 0
    assert again["result"]["reproduction"]["verdict"] == "match"


def test_a_reproduction_is_reproduced_like_any_other_run(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, _ = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 50}
    )
    once = reproduced(client, app_backplane, job_id)
    twice = reproduced(client, app_backplane, once["id"])
    assert twice["result"]["reproduction"]["of"] == once["id"]
    assert twice["result"]["reproduction"]["verdict"] == "match"


def test_another_result_is_told_with_all_that_differs(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, view = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 50}
    )
    result = SolveResult.model_validate(view["result"])
    other = list(reversed(result.permutation))
    forged = result.model_copy(
        update={"objective": result.objective - 2, "permutation": other}
    )
    set_row(app_backplane.database, job_id, result=forged.model_dump_json())
    told = reproduced(client, app_backplane, job_id)["result"]["reproduction"]
    assert told["verdict"] == "differ"
    assert (told["objective"], told["expected_objective"]) == (
        result.objective,
        result.objective - 2,
    )
    assert len(told["reasons"]) == 2


def test_a_reproduction_that_is_stopped_early_does_not_match(
    client: TestClient, app_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, _ = solved(
        client, app_backplane, instance={"name": "nug30"}, limits={"iterations": 5000}
    )
    view = client.post(f"/v1/jobs/{job_id}/reproduce").json()
    monkeypatch.setattr("worker.lease.Lease.is_cancel_requested", True)
    _, ended = run(client, app_backplane, view["id"])
    assert ended["state"] == "cancelled"
    told = ended["result"]["reproduction"]
    assert told["verdict"] == "differ"
    assert "cancelled after 0 of 5000 iterations" in told["reasons"][0]


def test_what_has_not_ended_is_not_repeated(client: TestClient, story: Story) -> None:
    for what in ("reproduce", "rerun"):
        told = refusal(client, story.job_id, what)
        assert told["type"] == "/problems/job-not-finished"


def test_what_has_no_result_is_not_reproduced(
    client: TestClient, app_backplane: Backplane, story: Story
) -> None:
    story.end(JobState.FAILED)
    set_row(app_backplane.database, story.job_id, result=None)
    assert "without a result" in refusal(client, story.job_id)["detail"]


@pytest.mark.parametrize(
    ("columns", "detail", "suggestion"),
    [
        ({"attempt": 2}, "2 attempts", "Rerun it with the same seed"),
        ({"cached_from": "job_" + "1" * 32}, "did not run", "job_" + "1" * 32),
        ({"result_removed_at": 1.0, "result": None}, "removed on 1970", "Verify"),
    ],
)
def test_what_could_not_be_compared_is_refused(
    client: TestClient,
    app_backplane: Backplane,
    columns: dict[str, Any],
    detail: str,
    suggestion: str,
) -> None:
    job_id, _ = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 9}
    )
    set_row(app_backplane.database, job_id, **columns)
    told = refusal(client, job_id)
    assert told["type"] == "/problems/not-reproducible"
    assert detail in told["detail"]
    assert suggestion in told["suggestion"]


def test_a_run_of_another_version_is_refused(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, view = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 9}
    )
    older = SolveResult.model_validate({**view["result"], "method_version": "0"})
    set_row(app_backplane.database, job_id, result=older.model_dump_json())
    assert "version 0" in refusal(client, job_id)["detail"]


def test_one_of_several_islands_is_refused(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, view = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 9}
    )
    of_island = SolveResult.model_validate({**view["result"], "island": 1})
    set_row(app_backplane.database, job_id, result=of_island.model_dump_json())
    assert "islands" in refusal(client, job_id)["detail"]


def test_a_rerun_draws_a_new_seed_and_keeps_the_rest(
    client: TestClient, app_backplane: Backplane
) -> None:
    wish = {
        "instance": {"name": "nug12"},
        "method": "tabu_search",
        "limits": {"iterations": 9},
        "priority_s": 7.0,
        "seed": 3,
    }
    job_id, first = solved(client, app_backplane, **wish)
    again = client.post(f"/v1/jobs/{job_id}/rerun").json()
    assert (again["origin"], again["origin_id"]) == ("rerun", job_id)
    assert again["seed"] != 3
    for same in ("instance", "method", "parameters", "limits", "priority_s"):
        assert again[same] == first[same]


def test_a_rerun_takes_what_the_body_says(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, _ = solved(
        client,
        app_backplane,
        instance={"name": "nug12"},
        method="memetic",
        parameters={"population": 4},
        limits={"iterations": 9},
    )
    changes = {
        "seed": 5,
        "method": "tabu_search",
        "limits": {"time_s": 2},
        "start": {"job": job_id},
        "webhook_url": "https://example.com/told",
    }
    answer = client.post(f"/v1/jobs/{job_id}/rerun", json=changes)
    view = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/jobs/{view['id']}"
    assert (view["seed"], view["method"], view["limits"]["time_s"]) == (
        5,
        "tabu_search",
        2,
    )
    # Those of another method mean nothing to this one.
    assert view["parameters"] == {}
    assert view["webhook"]["secret"].startswith("whsec_")
    _, ended = run(client, app_backplane, view["id"])
    before = client.get(f"/v1/jobs/{job_id}/result").json()["objective"]
    assert ended["result"]["objective"] <= before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"seed": -1}, "#/seed"),
        ({"instance": {"name": "nug15"}}, "#/instance"),
        ({"method": "nothing"}, "#/method"),
        ({"parameters": {"nothing": 1}}, "#/parameters/nothing"),
        ({"start": {"permutation": [0, 1]}}, "#/start/permutation"),
        ([], "#"),
    ],
)
def test_what_a_rerun_cannot_take_is_pointed_at(
    client: TestClient, app_backplane: Backplane, body: Any, pointer: str
) -> None:
    job_id, _ = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 9}
    )
    answer = client.post(f"/v1/jobs/{job_id}/rerun", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    reproduction = client.post(f"/v1/jobs/{job_id}/reproduce", json={"seed": 1})
    assert reproduction.status_code == 422


def test_a_repeated_request_with_a_key_makes_one_job(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, _ = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 9}
    )
    key = {"Idempotency-Key": "once"}
    first, second = (
        client.post(f"/v1/jobs/{job_id}/rerun", headers=key) for _ in range(2)
    )
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["idempotent-replayed"] == "true"


def test_an_unknown_job_is_not_repeated(client: TestClient) -> None:
    for what in ("rerun", "reproduce"):
        assert client.post(f"/v1/jobs/{new_id('job')}/{what}").status_code == 404


def test_a_later_attempt_of_a_reproduction_begins_anew(
    client: TestClient, app_backplane: Backplane
) -> None:
    job_id, _ = solved(
        client, app_backplane, instance={"name": "nug12"}, limits={"iterations": 400}
    )
    view = client.post(f"/v1/jobs/{job_id}/reproduce").json()
    lost = row(app_backplane.database, job_id).result
    assert lost is not None
    found = SolveResult.model_validate_json(lost)
    checkpoint = {
        "objective": found.objective,
        "permutation": found.permutation,
        "iterations": 200,
        "elapsed_s": 0.1,
    }

    set_row(
        app_backplane.database,
        view["id"],
        attempt=1,
        checkpoint=json.dumps(checkpoint),
    )
    _, ended = run(client, app_backplane, view["id"])
    assert ended["attempt"] == 2
    assert ended["result"]["reproduction"]["verdict"] == "match"
