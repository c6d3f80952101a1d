"""A trace goes from the request to every event of the job, and to its children."""

from typing import Any

from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts import trace
from tests.integration.api.test_metrics import NUG12, work
from tests.waiting import wait_until

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def events_of(client: TestClient, job_id: str) -> list[dict[str, Any]]:
    page = client.get(f"/v1/jobs/{job_id}/events").json()
    events: list[dict[str, Any]] = page["items"]
    return events


def test_every_event_tells_of_the_trace_that_was_sent(
    client: TestClient, app_backplane: Backplane
) -> None:
    answer = client.post("/v1/jobs", json=NUG12, headers={"traceparent": GIVEN})
    job_id = answer.json()["id"]
    work(app_backplane, ended=1)
    events = events_of(client, job_id)
    assert events[-1]["type"] == "job.succeeded"
    assert {"job.started", "job.incumbent"} <= {event["type"] for event in events}
    assert {event.get("traceparent") for event in events} == {GIVEN}


def test_a_log_that_was_lost_tells_of_it_again(
    client: TestClient, app_backplane: Backplane
) -> None:
    answer = client.post("/v1/jobs", json=NUG12, headers={"traceparent": GIVEN})
    job_id = answer.json()["id"]
    wait_until(lambda: app_backplane.stream.positions([job_id])[0].sequence == 1)
    app_backplane.stream.forget([job_id])
    (event,) = events_of(client, job_id)
    assert event["traceparent"] == GIVEN


def test_without_one_or_with_nonsense_a_trace_begins_with_the_job(
    client: TestClient,
) -> None:
    found = set()
    for headers in ({}, {"traceparent": "nonsense"}):
        job = client.post("/v1/jobs", json=NUG12, headers=headers).json()["id"]
        (event,) = events_of(client, job)
        assert trace.parse(event["traceparent"]) == event["traceparent"]
        found.add(event["traceparent"])
    assert len(found) == 2


def test_children_are_part_of_their_parents_trace(
    client: TestClient, app_backplane: Backplane
) -> None:
    answer = client.post(
        "/v1/batches", json={"items": [NUG12]}, headers={"traceparent": GIVEN}
    )
    parent = answer.json()["id"]
    work(app_backplane, ended=2)
    listed = client.get("/v1/jobs", params={"parent": parent}).json()["items"]
    for job_id in (parent, *(item["id"] for item in listed)):
        told = {event.get("traceparent") for event in events_of(client, job_id)}
        assert told == {GIVEN}
