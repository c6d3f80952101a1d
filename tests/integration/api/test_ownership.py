"""What is another's is not there: on every route that names something by its id."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from api.routers import ROUTERS
from db.announcement import notify
from db.backplane import Backplane
from db.contracts.identifier import new_id
from tests.integration.api.keyed import client_of, ended_job, make_key, operator
from tests.integration.api.story import Story
from tests.sample_jobs import row, set_row
from tests.sample_notifications import new_notification
from worker.coordination import lead_on

COSTS = [[4, 1, 3], [2, 0, 5], [3, 2, 2]]
FLOW, DISTANCE = [[0, 3], [1, 0]], [[0, 5], [2, 0]]
JOB = {"instance": {"name": "nug12"}}
BATCH = {"items": [{"instance": {"costs": COSTS}}]}
BENCHMARK = {"instances": ["nug12"], "methods": ["auto"], "seeds": [1]}
SCHEDULE = {"name": "nightly", "cron": "0 3 * * *", "job": JOB}
PULLED = {"mode": "pull"}
LIVE = {
    "calculation": "npv",
    "parameters": {"cash_flows": [1.0]},
    "bindings": {"/discount_rate": "discount_rate"},
}
THRESHOLD = {
    "name": "dear money",
    "watches": "market:discount_rate",
    "condition": "above",
    "value": 0.08,
}
OF_OWNERS = {
    "job_id": "job",
    "schedule_id": "sch",
    "endpoint_id": "ep",
    "delivery_id": "msg",
    "live_id": "live",
    "notification_id": "ntf",
    "threshold_id": "thr",
}
"""Parts of paths that name what has an owner, and how such ids begin."""
OF_NOBODY = {
    *("alert_id", "entry_id", "insight_id", "log_type", "name", "prefix"),
    *("provider_id", "rule_id", "slug", "version"),
}
"""Parts that name what all may know, or only operators see."""


def routes() -> Iterator[tuple[str, str]]:
    """Yield every method and path of the application that names something."""
    for router in ROUTERS.values():
        for route in router.routes:
            if isinstance(route, APIRoute) and "{" in route.path:
                for method in route.methods:
                    yield method, route.path


NAMING = sorted(routes())
OWNED = [(m, p) for m, p in NAMING if any(f"{{{part}}}" in p for part in OF_OWNERS)]


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.fixture
def alice(app: FastAPI) -> TestClient:
    return client_of(app, make_key(app, "alice"))


@pytest.fixture
def bob(app: FastAPI) -> TestClient:
    return client_of(app, make_key(app, "bob"))


def send(client: TestClient, path: str, body: dict[str, Any]) -> str:
    answer = client.post(path, json=body)
    assert answer.status_code in {201, 202}, answer.text
    made: str = answer.json()["id"]
    return made


def told(answer: httpx2.Response, named: str) -> str:
    """Return all of an answer but what no two requests share."""
    body = answer.text.replace(named, "ID")
    return re.sub(r'"(timestamp|request_id)":"[^"]*"', "", body)


@pytest.fixture
def story(app_backplane: Backplane) -> Story:
    return ended_job(app_backplane, "alice")


def test_every_part_of_a_path_has_an_owner_or_needs_none() -> None:
    parts = {part for _, path in NAMING for part in re.findall(r"{(\w+)", path)}
    assert parts <= set(OF_OWNERS) | OF_NOBODY
    assert len(OWNED) >= 20


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(("method", "path"), OWNED)
def test_anothers_is_not_there(
    alice: TestClient,
    bob: TestClient,
    story: Story,
    app_backplane: Backplane,
    method: str,
    path: str,
    accept: str,
) -> None:
    if "schedule_id" in path:
        named, unknown = send(alice, "/v1/schedules", SCHEDULE), new_id("sch")
    elif "live_id" in path:
        named, unknown = send(alice, "/v1/live-calculations", LIVE), new_id("live")
    elif "endpoint_id" in path:
        named, unknown = send(alice, "/v1/webhooks", PULLED), new_id("ep")
    elif "delivery_id" in path:
        endpoint = send(alice, "/v1/webhooks", PULLED)
        test = alice.post(f"/v1/webhooks/{endpoint}/test")
        named, unknown = test.json()["delivery_id"], new_id("msg")
    elif "threshold_id" in path:
        named, unknown = send(alice, "/v1/thresholds", THRESHOLD), new_id("thr")
    elif "notification_id" in path:
        notify(app_backplane, new_notification("a"))
        (one,) = alice.get("/v1/notifications").json()["items"]
        named, unknown = one["id"], new_id("ntf")
    elif path.startswith("/v1/batches"):
        named, unknown = send(alice, "/v1/batches", BATCH), new_id("job")
    elif path.startswith(("/v1/benchmarks", "/benchmark/")):
        named, unknown = send(alice, "/v1/benchmarks", BENCHMARK), new_id("job")
    else:
        named, unknown = story.job_id, new_id("job")
    answers = []
    for each in (named, unknown):
        address = re.sub(r"{\w+}", each, path)
        body = None if method in {"GET", "HEAD", "DELETE"} else {}
        headers = {"Accept": accept}
        answer = bob.request(method, address, json=body, headers=headers)
        assert answer.status_code == 404, (address, answer.text)
        answers.append(told(answer, each))
    assert answers[0] == answers[1]
    # Whoever owns it gets something else, whatever that is.
    address = re.sub(r"{\w+}", named, path)
    own = alice.request(method, address, json=None if body is None else {})
    assert own.status_code != 404 or told(own, named) != answers[0]


def test_an_item_of_anothers_batch_is_not_there(
    alice: TestClient, bob: TestClient, app_backplane: Backplane
) -> None:
    batch, unknown = send(alice, "/v1/batches", BATCH), new_id("job")
    lead_on(app_backplane, batch)
    answers = [bob.get(f"/solve/{each}-0/status") for each in (batch, unknown)]
    assert [each.status_code for each in answers] == [404, 404]
    assert told(answers[0], batch) == told(answers[1], unknown)
    assert alice.get(f"/solve/{batch}-0/status").status_code == 200


def test_the_history_is_ones_own(
    alice: TestClient, bob: TestClient, story: Story
) -> None:
    shown = alice.get("/analytics/history").json()
    assert [each["job_id"] for each in shown["history"]] == [story.job_id]
    assert bob.get("/analytics/history").json()["total"] == 0
    for path in ("/analytics/export/csv", "/analytics/export/json"):
        assert story.job_id in alice.get(path).text
        assert story.job_id not in bob.get(path).text


def test_nothing_of_it_was_done(alice: TestClient, bob: TestClient) -> None:
    job, schedule = (
        send(alice, "/v1/jobs", JOB),
        send(alice, "/v1/schedules", SCHEDULE),
    )
    bob.post(f"/v1/jobs/{job}/cancel")
    bob.post(f"/v1/schedules/{schedule}/pause")
    bob.delete(f"/v1/schedules/{schedule}")
    assert alice.get(f"/v1/jobs/{job}").json()["state"] == "queued"
    assert alice.get(f"/v1/schedules/{schedule}").json()["paused"] is False


def test_a_thousand_guesses_find_nothing(
    app: FastAPI, alice: TestClient, bob: TestClient
) -> None:
    made = [send(alice, "/v1/jobs", {**JOB, "cache": False}) for _ in range(20)]
    codes = {bob.get(f"/v1/jobs/{job}").status_code for job in made for _ in range(50)}
    assert codes == {404}


def test_keys_of_one_owner_share_what_they_have(
    app: FastAPI, alice: TestClient
) -> None:
    job = send(alice, "/v1/jobs", JOB)
    rotated = client_of(app, make_key(app, "alice"))
    assert rotated.get(f"/v1/jobs/{job}").status_code == 200


def test_an_operator_sees_all(app: FastAPI, alice: TestClient) -> None:
    job = send(alice, "/v1/jobs", JOB)
    ops = operator(app)
    assert ops.get(f"/v1/jobs/{job}").status_code == 200
    assert [each["id"] for each in ops.get("/v1/jobs").json()["items"]] == [job]


def test_listings_have_ones_own(alice: TestClient, bob: TestClient) -> None:
    mine = send(alice, "/v1/jobs", JOB)
    batch = send(alice, "/v1/batches", BATCH)
    schedule = send(alice, "/v1/schedules", SCHEDULE)
    assert {each["id"] for each in alice.get("/v1/jobs").json()["items"]} == {
        mine,
        batch,
    }
    assert bob.get("/v1/jobs").json() == {"items": [], "next": ""}
    assert bob.get("/v1/jobs", params={"parent": batch}).json()["items"] == []
    assert [each["id"] for each in alice.get("/v1/schedules").json()["items"]] == [
        schedule
    ]
    assert bob.get("/v1/schedules").json() == {"items": [], "next": ""}


def test_pages_have_ones_own(alice: TestClient, bob: TestClient) -> None:
    made = []
    for _ in range(3):
        made.append(send(alice, "/v1/jobs", {**JOB, "cache": False}))
        send(bob, "/v1/jobs", {**JOB, "cache": False})
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = alice.get("/v1/jobs", params={"limit": 1, **after}).json()
        found += [each["id"] for each in page["items"]]
        if not page["next"]:
            break
        after = {"after": page["next"]}
    assert found == made[::-1]


def test_a_listing_is_found_by_its_index(app_backplane: Backplane) -> None:
    statement = (
        "explain query plan select * from job where caller = ? and parent_id is null "
        "order by created_at desc, id desc limit 50"
    )
    with app_backplane.database.reading() as connection:
        plan = [row[-1] for row in connection.exec_driver_sql(statement, ("key:a",))]
    assert any("ix_job_caller_created_at_id (caller=?)" in step for step in plan)


@pytest.mark.parametrize("action", ["cancel", "delete", "rerun"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_an_action_on_many_leaves_others_alone(
    alice: TestClient, bob: TestClient, story: Story, action: str, dry_run: bool
) -> None:
    queued = send(alice, "/v1/jobs", JOB)
    unknown = new_id("job")
    wish = {"action": action, "dry_run": dry_run}
    named = bob.post(
        "/v1/jobs/actions",
        json={**wish, "filter": {"ids": [queued, story.job_id, unknown]}},
    ).json()
    problems = [
        json.dumps(each["problem"]).replace(each["job"], "ID")
        for each in named["items"]
    ]
    assert (named["done"], len(set(problems))) == (0, 1)
    assert {each["state"] for each in named["items"]} == {None}
    chosen = bob.post(
        "/v1/jobs/actions", json={**wish, "filter": {"method": "auto"}}
    ).json()
    assert chosen["chosen"] == 0
    assert alice.get(f"/v1/jobs/{queued}").json()["state"] == "queued"
    assert alice.get(f"/v1/jobs/{story.job_id}").json()["state"] == "succeeded"


@pytest.mark.parametrize(
    ("path", "wrap"),
    [
        ("/v1/jobs", lambda job: job),
        ("/v1/batches", lambda job: {"items": [job]}),
        ("/v1/schedules", lambda job: {**SCHEDULE, "job": job}),
    ],
)
def test_a_search_starts_from_no_other_owners_job(
    alice: TestClient, bob: TestClient, app_backplane: Backplane, path: str, wrap: Any
) -> None:
    job = send(alice, "/v1/jobs", {"instance": {"flow": FLOW, "distance": DISTANCE}})
    set_row(
        app_backplane.database,
        job,
        checkpoint='{"objective": 1, "permutation": [1, 0], "iterations": 1, '
        '"elapsed_s": 1.0}',
    )
    body = {"instance": {"flow": FLOW, "distance": DISTANCE}}
    answers = []
    for each in (job, new_id("job")):
        wanted = wrap({**body, "start": {"job": each}})
        answer = bob.post(path, json=wanted)
        assert answer.status_code == 422
        answers.append(told(answer, each))
    assert answers[0] == answers[1]
    assert "no such solve" in answers[0]
    mine = alice.post(path, json=wrap({**body, "start": {"job": job}}))
    assert mine.status_code in {201, 202}, mine.text


def test_equal_work_is_shared_by_one_owner_only(
    alice: TestClient, bob: TestClient, app_backplane: Backplane
) -> None:
    leader, follower = send(alice, "/v1/jobs", JOB), send(alice, "/v1/jobs", JOB)
    others = send(bob, "/v1/jobs", JOB)
    assert alice.get(f"/v1/jobs/{follower}").json()["follows"] == leader
    shown = bob.get(f"/v1/jobs/{others}").json()
    assert (shown["follows"], shown["cached_from"]) == (None, None)
    prints = {
        row(app_backplane.database, job).fingerprint
        for job in (leader, follower, others)
    }
    assert len(prints) == 2


def test_stored_instances_are_listed_for_whom_they_serve(
    app: FastAPI, alice: TestClient, bob: TestClient
) -> None:
    stored = alice.post("/v1/instances", json={"flow": FLOW, "distance": DISTANCE})
    sha256 = stored.json()["sha256"]

    def listed(client: TestClient) -> set[str]:
        items = client.get("/v1/instances").json()["items"]
        return {each["sha256"] for each in items if each["source"] == "stored"}

    assert listed(alice) == listed(bob) == set()
    assert listed(operator(app)) == {sha256}
    # Whoever knows the hash may use it.
    send(bob, "/v1/jobs", {"instance": {"sha256": sha256}})
    assert (listed(bob), listed(alice)) == ({sha256}, set())


def test_a_changed_schedule_stays_its_owners(app: FastAPI, alice: TestClient) -> None:
    schedule = send(alice, "/v1/schedules", SCHEDULE)
    changed = operator(app).patch(f"/v1/schedules/{schedule}", json={"job": JOB})
    assert changed.status_code == 200
    assert alice.get(f"/v1/schedules/{schedule}").status_code == 200


def test_a_triggered_job_is_its_schedules_owners(
    app: FastAPI, alice: TestClient, bob: TestClient
) -> None:
    schedule = send(alice, "/v1/schedules", SCHEDULE)
    job = send(operator(app), f"/v1/schedules/{schedule}/trigger", {})
    assert alice.get(f"/v1/jobs/{job}").json()["origin_id"] == schedule
    assert bob.get(f"/v1/jobs/{job}").status_code == 404


def test_an_idempotency_key_is_its_owners(alice: TestClient, bob: TestClient) -> None:
    headers = {"Idempotency-Key": "same"}
    first, second = (
        client.post("/v1/jobs", json=JOB, headers=headers).json()["id"]
        for client in (alice, bob)
    )
    assert first != second
