"""Schedules that no one should send, and where the answer has to point."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.repositories import schedules
from tests.integration.api.schedule_calls import (
    EVERY,
    JOB,
    NIGHTLY,
    look,
    make,
    point,
)
from tests.sample_schedules import set_row


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"cron": None}, "#/cron"),
        ({"cron": "0 1 * * *", "every_s": 60}, "#/every_s"),
        ({"cron": "30 2 * *"}, "#/cron"),
        ({"cron": "61 2 * * *"}, "#/cron"),
        ({"cron": "0 0 1,21 * 1L", "end_at": "2026-01-01T00:00:00Z"}, "#/end_at"),
        ({"cron": "0 0 */20 * 1L"}, "#/cron"),
        ({"time_zone": "Europe/Berln"}, "#/time_zone"),
        ({"time_zone": "../UTC"}, "#/time_zone"),
        ({"start_at": "2030-01-01"}, "#/start_at"),
        ({"start_at": 7}, "#/start_at"),
        ({"start_at": "9999-01-01T00:00:00Z"}, "#/start_at"),
        (
            {"start_at": "2031-01-01T00:00:00Z", "end_at": "2030-01-01T00:00:00Z"},
            "#/end_at",
        ),
        ({"end_at": "2020-01-01T00:00:00Z"}, "#/end_at"),
        ({"overlap": "sometimes"}, "#/overlap"),
        ({"catch_up_s": -1}, "#/catch_up_s"),
        ({"name": ""}, "#/name"),
        ({"kind": "astrology"}, "#/kind"),
        ({"job": None}, "#/job"),
        ({"job": []}, "#/job"),
        ({"job": {"kind": "astrology"}}, "#/job/kind"),
        ({"job": {"kind": 7}}, "#/job/kind"),
        ({"job": {}}, "#/job/instance"),
        ({"job": {**JOB, "method": "taboo"}}, "#/job/method"),
        ({"job": {**JOB, "limit": {}}}, "#/job/limit"),
        ({"job": {"instance": {"name": "nug13"}}}, "#/job/instance/name"),
        ({"job": {**JOB, "webhook_url": "http://10.0.0.1/"}}, "#/job/webhook_url"),
        ({"jobs": JOB}, "#/jobs"),
    ],
)
def test_a_bad_field_is_pointed_at(
    client: TestClient, fields: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/schedules", json={**NIGHTLY, **fields})
    assert point(answer) == (422, pointer)
    view = make(client, NIGHTLY)
    assert point(client.patch(view["links"]["self"], json=fields)) == (422, pointer)
    assert look(client, view) == view


def test_a_period_has_no_time_zone(client: TestClient) -> None:
    answer = client.post("/v1/schedules", json={**EVERY, "time_zone": "UTC"})
    assert point(answer) == (422, "#/time_zone")
    view = make(client, EVERY)
    answer = client.patch(view["links"]["self"], json={"time_zone": "UTC"})
    assert point(answer) == (422, "#/time_zone")


def test_a_kind_without_a_job_is_refused(client: TestClient) -> None:
    view = make(client, EVERY)
    answer = client.patch(view["links"]["self"], json={"kind": "solve"})
    assert point(answer) == (422, "#/kind")


@pytest.mark.parametrize("every_s", [0, -1, 0.5, "60", True, 10**9])
def test_a_period_is_a_whole_number_of_seconds(
    client: TestClient, every_s: object
) -> None:
    answer = client.post("/v1/schedules", json={**EVERY, "every_s": every_s})
    assert point(answer) == (422, "#/every_s")


def test_what_is_no_json_is_refused(client: TestClient) -> None:
    view = make(client, EVERY)
    for send, path in (
        (client.post, "/v1/schedules"),
        (client.patch, view["links"]["self"]),
    ):
        assert send(path, content=b"{").status_code == 422
        answer = send(path, content=b"{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 415


def test_an_unknown_schedule_is_not_found(client: TestClient) -> None:
    for name in ("sch_" + "0" * 32, "sch_1", "job_" + "0" * 32, "%00"):
        assert client.get(f"/v1/schedules/{name}").status_code == 404


@pytest.mark.parametrize("after", ["x", "c2No", "MS4wIGpvYl8x"])
def test_a_page_that_never_was_is_refused(client: TestClient, after: str) -> None:
    answer = client.get("/v1/schedules", params={"after": after})
    assert point(answer) == (422, "#query/after")


def test_a_request_that_is_not_understood_any_more_is_said_so(
    client: TestClient, app_backplane: Backplane
) -> None:
    view = make(client, EVERY)
    set_row(app_backplane.database, view["id"], request="{}")
    answer = client.post(view["links"]["trigger"])
    assert answer.status_code == 422
    assert "PATCH" in answer.json()["suggestion"]
    with app_backplane.database.reading() as connection:
        assert schedules.get_schedule(connection, view["id"]).runs == 0
