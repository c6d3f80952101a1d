"""Jobs deleted, and many cancelled, rerun or deleted by one request."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from api import actions, bulk
from api.schemas import action as schemas
from db.backplane import Backplane
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.repositories import jobs, kept
from db.settlement import settle
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.story import RESULT, Story
from tests.sample_jobs import row, set_row, submit
from worker.attempt import run_attempt
from worker.coordination import lead_on

NUG12 = {"instance": {"name": "nug12"}, "limits": {"iterations": 9}}


@pytest.fixture
def app(make_app: MakeApp, database_url: str, valkey: Any) -> FastAPI:
    """Take both databases in turn."""
    return make_app(database_url=database_url, redis_url=valkey.redis_url)


def ended(
    backplane: Backplane, state: JobState = JobState.SUCCEEDED, **columns: object
) -> str:
    story = Story(backplane).begin().start().end(state)
    if columns:
        set_row(backplane.database, story.job_id, **columns)
    return story.job_id


def batch(client: TestClient, backplane: Backplane, *, items: int = 3) -> list[str]:
    """Return a batch that has begun and its children."""
    wishes = [{**NUG12, "seed": seed, "cache": False} for seed in range(items)]
    view = client.post("/v1/batches", json={"items": wishes}).json()
    lead_on(backplane, view["id"])
    listed = client.get("/v1/jobs", params={"parent": view["id"]}).json()["items"]
    return [view["id"], *(child["id"] for child in listed)]


def act(client: TestClient, action: str, *, more: Any = None, **chosen: Any) -> Any:
    body = {"action": action, "filter": chosen, **(more or {})}
    answer = client.post("/v1/jobs/actions", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def is_there(client: TestClient, job_id: str) -> bool:
    return client.get(f"/v1/jobs/{job_id}").status_code == 200


def test_a_deleted_job_is_gone_through_every_door(
    client: TestClient, app_backplane: Backplane, redis: Redis
) -> None:
    job_id = ended(app_backplane)
    answer = client.delete(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for door in ("", "/events", "/result", "/deliveries"):
        assert client.get(f"/v1/jobs/{job_id}{door}").status_code == 404
    assert client.get("/v1/jobs").json()["items"] == []
    assert redis.keys(f"*{job_id}*") == []
    assert client.delete(f"/v1/jobs/{job_id}").status_code == 404


def test_what_has_not_ended_is_not_deleted(client: TestClient, story: Story) -> None:
    answer = client.delete(f"/v1/jobs/{story.job_id}")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/job-not-finished"
    assert is_there(client, story.job_id)


def test_a_job_is_deleted_while_redis_is_away(
    make_app: MakeApp, sqlite_url: str
) -> None:
    app = make_app(database_url=sqlite_url, redis_url="redis://127.0.0.1:1/0")
    backplane: Backplane = app.state.solvequeue.backplane
    job_id = submit(backplane.database)
    set_row(backplane.database, job_id, state="failed", finished_at=1.0)
    client = TestClient(app, client=OWN_HOST)
    assert client.delete(f"/v1/jobs/{job_id}").status_code == 204


def test_a_batch_goes_with_its_children_and_they_not_before(
    client: TestClient, app_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "PORTION", 2)
    other = ended(app_backplane)
    parent, *children = batch(client, app_backplane, items=5)
    assert client.delete(f"/v1/jobs/{parent}").status_code == 409
    run_attempt(app_backplane, children[0])
    refused = client.delete(f"/v1/jobs/{children[0]}")
    assert refused.status_code == 409
    assert parent in refused.json()["detail"]
    for child in children[1:]:
        run_attempt(app_backplane, child)
    assert client.get(f"/v1/jobs/{parent}").json()["state"] == "succeeded"
    assert client.delete(f"/v1/jobs/{children[0]}").status_code == 204
    # What became of all of them is still told, by the parent's own result.
    assert client.get(f"/v1/batches/{parent}").json()["counts"]["succeeded"] == 5
    assert client.delete(f"/v1/jobs/{parent}").status_code == 204
    assert not any(is_there(client, each) for each in (parent, *children))
    assert is_there(client, other)


def test_a_leader_goes_when_its_followers_have_heard_of_its_end(
    client: TestClient, app_backplane: Backplane
) -> None:
    leader = client.post("/v1/jobs", json=NUG12).json()["id"]
    follower = client.post("/v1/jobs", json=NUG12).json()
    assert follower["follows"] == leader
    set_row(app_backplane.database, leader, leads=False)
    run_attempt(app_backplane, leader)
    # Its worker did not get to telling its follower.
    assert row(app_backplane.database, follower["id"]).state == JobState.QUEUED
    assert client.delete(f"/v1/jobs/{leader}").status_code == 204
    view = client.get(f"/v1/jobs/{follower['id']}").json()
    assert (view["state"], view["cached_from"]) == ("succeeded", leader)


def test_a_follower_of_a_leader_that_is_gone_does_the_work(
    client: TestClient, app_backplane: Backplane
) -> None:
    gone = new_id("job")
    lost = submit(app_backplane.database, held=True, follows=gone, fingerprint="f" * 64)
    settle(app_backplane, gone)
    job = row(app_backplane.database, lost)
    assert (job.held, job.leads, job.follows) == (False, True, None)


def test_a_log_on_its_way_into_the_archive_may_be_deleted(
    app_backplane: Backplane, client: TestClient
) -> None:
    first, second = (ended(app_backplane) for _ in range(2))
    whole = app_backplane.stream.read_whole
    archived = []

    def read_and_delete(job_ids: Any) -> Any:
        found = whole(job_ids)
        if not archived:
            archived.append(client.delete(f"/v1/jobs/{first}").status_code)
        return found

    app_backplane.stream.read_whole = read_and_delete  # type: ignore[method-assign]
    app_backplane.log.archive([first, second])
    assert archived == [204]
    assert row(app_backplane.database, second).archived


def test_what_was_removed_is_gone_and_says_since_when(
    client: TestClient, app_backplane: Backplane
) -> None:
    certificate = RESULT.certificate.model_dump_json()
    job_id = ended(app_backplane, certificate=certificate)
    with app_backplane.database.transaction() as connection:
        kept.remove_results(connection, [job_id])
    app_backplane.stream.forget([job_id])
    view = client.get(f"/v1/jobs/{job_id}").json()
    assert (view["state"], view["result"]) == ("succeeded", None)
    assert view["certificate"] == json.loads(certificate)
    for door in ("result", "events"):
        answer = client.get(f"/v1/jobs/{job_id}/{door}")
        assert answer.status_code == 410
        assert view["result_removed_at"][:10] in answer.json()["detail"]
    sse = {"Accept": "text/event-stream"}
    assert client.get(f"/v1/jobs/{job_id}/events", headers=sse).status_code == 410
    again = client.post(f"/v1/jobs/{job_id}/rerun", json={"start": {"job": job_id}})
    assert again.status_code == 422  # of an instance that no one has sent


def test_results_of_a_family_are_gone_too(
    client: TestClient, app_backplane: Backplane
) -> None:
    benchmark = {
        "instances": ["nug12"],
        "methods": ["two_swap"],
        "seeds": [1],
        "limits": {"iterations": 9},
    }
    families = {
        "batches": batch(client, app_backplane, items=1)[0],
        "benchmarks": client.post("/v1/benchmarks", json=benchmark).json()["id"],
    }
    for job_id in families.values():
        client.post(f"/v1/jobs/{job_id}/cancel")
        lead_on(app_backplane, job_id)
        with app_backplane.database.transaction() as connection:
            kept.remove_results(connection, [job_id])
    for plural, job_id in families.items():
        assert client.get(f"/v1/{plural}/{job_id}/results").status_code == 410
        assert client.get(f"/v1/{plural}/{job_id}").status_code == 200
    report = f"/v1/benchmarks/{families['benchmarks']}/report"
    assert client.get(report).status_code == 410


def test_what_is_chosen_is_cancelled_and_nothing_else(
    client: TestClient, app_backplane: Backplane
) -> None:
    database = app_backplane.database
    waiting = [submit(database, method="exact") for _ in range(3)]
    other = submit(database, method="memetic")
    done = ended(app_backplane, method="exact")
    told = act(client, "cancel", method="exact")
    assert (told["chosen"], told["done"], told["refused"]) == (3, 3, 0)
    assert {item["job"] for item in told["items"]} == set(waiting)
    assert {item["outcome"] for item in told["items"]} == {"done"}
    assert (told["more"], told["next"]) == (False, "")
    states = [row(database, job_id).state for job_id in (*waiting, other, done)]
    assert states == ["cancelled"] * 3 + ["queued", "succeeded"]


def test_a_dry_run_changes_nothing(
    client: TestClient, app_backplane: Backplane, story: Story
) -> None:
    done = ended(app_backplane)
    ids = [story.job_id, done]
    for action, expected in (
        ("cancel", ["would_be_done", "refused"]),
        ("delete", ["refused", "would_be_done"]),
        ("rerun", ["refused", "would_be_done"]),
    ):
        told = act(client, action, ids=ids, more={"dry_run": True})
        assert [item["outcome"] for item in told["items"]] == expected
        assert (told["done"], told["refused"], told["dry_run"]) == (1, 1, True)
    assert row(app_backplane.database, story.job_id).cancel_requested_at is None
    listed = client.get("/v1/jobs").json()["items"]
    assert {job["id"] for job in listed} == set(ids)


def test_each_job_tells_what_became_of_it(
    client: TestClient, app_backplane: Backplane
) -> None:
    first = client.post("/v1/jobs", json=NUG12).json()["id"]
    run_attempt(app_backplane, first)
    waiting = submit(app_backplane.database)
    missing = new_id("job")
    told = act(client, "rerun", ids=[first, waiting, missing, first])
    assert [item["job"] for item in told["items"]] == [first, waiting, missing]
    done, refused, unknown = told["items"]
    made = client.get(f"/v1/jobs/{done['new_job']}").json()
    assert (made["origin"], made["origin_id"]) == ("rerun", first)
    assert refused["problem"]["code"] == "job-not-finished"
    assert (unknown["state"], unknown["problem"]["code"]) == (None, "not-found")
    assert refused["problem"]["suggestion"]


def test_of_many_a_portion_is_done_and_the_rest_follows(
    client: TestClient, app_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_ACTED", 2)
    made = {ended(app_backplane) for _ in range(5)}
    seen: list[str] = []
    following = ""
    for expected in (2, 2, 1):
        more = {"dry_run": True, **({"after": following} if following else {})}
        told = act(client, "rerun", state="succeeded", more=more)
        seen += [item["job"] for item in told["items"]]
        assert told["chosen"] == expected
        assert told["more"] == bool(told["next"]) == (expected == 2 and len(seen) < 5)
        following = told["next"]
    assert set(seen) == made
    assert len(seen) == 5
    assert schemas.MAX_ACTED == 1000


def test_moments_bound_the_choice(client: TestClient, app_backplane: Backplane) -> None:
    job_id = ended(app_backplane)
    at = row(app_backplane.database, job_id).created_at
    set_row(app_backplane.database, job_id, created_at=at - at % 1)
    moment = client.get(f"/v1/jobs/{job_id}").json()["created_at"]
    dry = {"dry_run": True}
    assert act(client, "delete", created_before=moment, more=dry)["chosen"] == 0
    assert act(client, "delete", created_after=moment, more=dry)["chosen"] == 0
    around = {
        "created_after": "2026-01-01T00:00:00+02:00",
        "created_before": "2999-01-01T00:00:00Z",
    }
    assert act(client, "delete", **around, more=dry)["chosen"] == 1


def test_children_are_chosen_by_their_parent_only(
    client: TestClient, app_backplane: Backplane
) -> None:
    parent, *children = batch(client, app_backplane, items=2)
    alone = act(client, "cancel", kind="solve", more={"dry_run": True})
    assert alone["chosen"] == 0
    told = act(client, "cancel", parent=parent)
    assert {item["job"] for item in told["items"]} == set(children)
    with app_backplane.database.reading() as connection:
        states = {job.state for job in jobs.get_jobs(connection, children)}
    assert states == {"cancelled"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "cancel"}, "#/filter"),
        ({"action": "cancel", "filter": {}}, "#/filter"),
        ({"action": "cancel", "filter": {"kind": None}}, "#/filter"),
        ({"action": "explode", "filter": {"kind": "solve"}}, "#/action"),
        ({"action": "cancel", "filter": {"ids": []}}, "#/filter/ids"),
        ({"action": "cancel", "filter": {"ids": ["x"]}}, "#/filter/ids/0"),
        (
            {"action": "cancel", "filter": {"ids": ["job_" + "0" * 32] * 1001}},
            "#/filter/ids",
        ),
        (
            {
                "action": "cancel",
                "filter": {"ids": ["job_" + "0" * 32], "kind": "solve"},
            },
            "#/filter/kind",
        ),
        ({"action": "cancel", "filter": {"state": "succeeded"}}, "#/filter/state"),
        ({"action": "delete", "filter": {"state": "running"}}, "#/filter/state"),
        ({"action": "rerun", "filter": {"state": "away"}}, "#/filter/state"),
        (
            {"action": "delete", "filter": {"created_before": "yesterday"}},
            "#/filter/created_before",
        ),
        (
            {"action": "delete", "filter": {"created_after": "2026-11-22T05:20:52"}},
            "#/filter/created_after",
        ),
        (
            {"action": "delete", "filter": {"kind": "solve"}, "after": "x"},
            "#/after",
        ),
        ({"action": "delete", "filter": {"kinds": "solve"}}, "#/filter/kinds"),
    ],
)
def test_a_wish_that_makes_no_sense_is_pointed_at(
    client: TestClient, body: Any, pointer: str
) -> None:
    answer = client.post("/v1/jobs/actions", json=body)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert told["errors"][0]["pointer"] == pointer
    assert told["suggestion"]
