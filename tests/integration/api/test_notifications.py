"""/v1/notifications: what each caller was told, and whether it was read."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.announcement import notify
from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.notification import OPERATORS, Level
from db.embedded_valkey import EmbeddedValkey
from db.repositories.jobs import database_time
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.keyed import client_of, make_key, operator
from tests.one_worker import OneWorker
from tests.sample_notifications import new_notification
from tests.waiting import wait_until

PATH = "/v1/notifications"


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.fixture
def alice(app: FastAPI) -> TestClient:
    return client_of(app, make_key(app, "alice"))


def tell(backplane: Backplane, *causes: str, **changes: Any) -> None:
    for cause in causes:
        assert notify(backplane, new_notification(cause, **changes))


def later_than(backplane: Backplane, *, seconds: float) -> Callable[[], bool]:
    """Return whether the database's clock has gone on so far since now."""

    def moment() -> float:
        with backplane.database.reading() as connection:
            return database_time(connection)

    until = moment() + seconds
    return lambda: moment() > until


def causes(client: TestClient, **query: Any) -> list[str]:
    answer = client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return [each["message"][-1] for each in answer.json()["items"]]


def test_a_notification_is_listed_looked_at_and_read(
    alice: TestClient, app_backplane: Backplane
) -> None:
    assert alice.get(PATH).json() == {"items": [], "next": "", "unread": 0}
    job = "job_" + "0" * 32
    tell(app_backplane, "a", subject=job, data={"x": 1})
    page = alice.get(PATH).json()
    (listed,) = page["items"]
    assert page["unread"] == 1
    path = listed["links"]["self"]
    assert listed == {
        "id": path.rpartition("/")[2],
        "notification_type": "trial",
        "level": "info",
        "channel": "system",
        "subject": job,
        "message": "told of a",
        "data": {"x": 1},
        "read": False,
        "read_at": None,
        "created_at": listed["created_at"],
        "links": {"self": path, "subject": f"/v1/jobs/{job}"},
    }
    assert alice.get(path).json() == listed
    read = alice.patch(path, json={"read": True}).json()
    assert (read["read"], read["read_at"] is None) == (True, False)
    again = alice.patch(path, json={"read": True}).json()
    assert again["read_at"] == read["read_at"]
    assert causes(alice, unread=True) == []
    assert alice.patch(path, json={"read": False}).json() == listed


def test_it_is_found_by_what_it_is(alice: TestClient, app_backplane: Backplane) -> None:
    tell(app_backplane, "a")
    tell(app_backplane, "b", level=Level.ERROR, channel=ChannelName.CALCULATIONS)
    # Times are told to the millisecond.
    wait_until(later_than(app_backplane, seconds=0.002))
    tell(app_backplane, "c", type="threshold", level=Level.WARNING)
    assert causes(alice) == ["c", "b", "a"]
    assert causes(alice, level=["error", "warning"]) == ["c", "b"]
    assert causes(alice, type="threshold") == ["c"]
    assert causes(alice, channel="calculations") == ["b"]
    newest = alice.get(PATH, params={"limit": 1}).json()
    (first,) = newest["items"]
    assert causes(alice, since=first["created_at"]) == ["c"]
    assert causes(alice, after=newest["next"], limit=1) == ["b"]
    assert causes(alice, since="2099-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "query",
    [
        {"level": "loud"},
        {"channel": "general"},
        {"type": "a b"},
        {"since": "yesterday"},
        {"unread": "perhaps"},
        {"limit": 0},
        {"after": "x"},
    ],
)
def test_a_wrong_filter_is_refused(alice: TestClient, query: dict[str, Any]) -> None:
    answer = alice.get(PATH, params=query)
    assert answer.status_code == 422
    (name,) = query
    assert name in answer.json()["errors"][0]["pointer"]


def test_all_are_read_or_those_up_to_one(
    alice: TestClient, app_backplane: Backplane
) -> None:
    tell(app_backplane, "a", "b", "c")
    _, middle, _ = alice.get(PATH).json()["items"]
    answer = alice.post(f"{PATH}/read", json={"up_to": middle["id"]})
    assert answer.json() == {"read": 2, "unread": 1}
    assert causes(alice, unread=True) == ["c"]
    assert causes(alice, unread=False) == ["b", "a"]
    assert alice.post(f"{PATH}/read").json() == {"read": 1, "unread": 0}


@pytest.mark.parametrize("up_to", ["ntf_" + "0" * 32, "ntf_\x00", "job_1", 7])
def test_nothing_is_read_up_to_what_is_not_there(
    alice: TestClient, app_backplane: Backplane, up_to: object
) -> None:
    tell(app_backplane, "a")
    answer = alice.post(f"{PATH}/read", json={"up_to": up_to})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/up_to"
    assert alice.get(PATH).json()["unread"] == 1


@pytest.mark.parametrize("body", [{}, {"read": "yes"}, {"read": True, "level": "x"}])
def test_a_wrong_change_is_refused(
    alice: TestClient, app_backplane: Backplane, body: dict[str, Any]
) -> None:
    tell(app_backplane, "a")
    (listed,) = alice.get(PATH).json()["items"]
    assert alice.patch(listed["links"]["self"], json=body).status_code == 422


def test_what_one_operator_reads_is_unread_for_others(
    app: FastAPI, alice: TestClient, app_backplane: Backplane
) -> None:
    ops = operator(app)
    tell(app_backplane, "a")
    tell(app_backplane, "b", owner=OPERATORS)
    (mine,) = alice.get(PATH).json()["items"]
    (theirs,) = ops.get(PATH).json()["items"]
    assert (mine["message"][-1], theirs["message"][-1]) == ("a", "b")
    assert ops.post(f"{PATH}/read").json() == {"read": 1, "unread": 0}
    assert alice.get(PATH).json()["unread"] == 1
    # By its id an operator finds everyone's; and nobody finds an operator's.
    assert ops.get(mine["links"]["self"]).status_code == 200
    assert alice.get(theirs["links"]["self"]).status_code == 404


def test_where_nobody_is_asked_all_is_everyones(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(database_url=sqlite_url, redis_url=valkey.redis_url)
    client = TestClient(app, client=OWN_HOST)
    tell(app.state.solvequeue.backplane, "a")
    tell(app.state.solvequeue.backplane, "b", owner=OPERATORS)
    assert causes(client) == ["b", "a"]
    assert client.post(f"{PATH}/read").json() == {"read": 2, "unread": 0}


def test_an_operators_webhook_hears_what_is_for_operators(
    app: FastAPI, alice: TestClient, app_backplane: Backplane
) -> None:
    ops = operator(app)
    wish = {"mode": "pull", "events": ["notification.sent"], "payload": "full"}
    theirs, mine = (
        client.post("/v1/webhooks", json=wish).json() for client in (ops, alice)
    )
    tell(app_backplane, "b", owner=OPERATORS)
    fetched = ops.post(f"/v1/webhooks/{theirs['id']}/fetch", json={})
    (request,) = fetched.json()["items"]
    assert json.loads(request["body"])["data"]["message"] == "told of b"
    nothing = alice.post(f"/v1/webhooks/{mine['id']}/fetch", json={})
    assert nothing.json()["items"] == []


def test_a_calculation_that_asks_for_it_is_notified_of_also_where_it_is_shared(
    alice: TestClient, app_backplane: Backplane
) -> None:
    wish = {"parameters": {"cash_flows": [1]}}
    path = "/v1/calculations/npv"
    asked = alice.post(path, json={**wish, "notify": True}).json()["id"]
    OneWorker(app_backplane).work_off(asked)
    shared = alice.post(path, json={**wish, "notify": True}).json()
    assert shared["cached_from"] == asked
    assert alice.post(path, json=wish).json()["cached_from"] == asked
    found = alice.get(PATH).json()["items"]
    assert [(each["subject"], each["message"]) for each in found] == [
        (job, f"npv {job} has completed") for job in (shared["id"], asked)
    ]
    assert found[0]["data"] == {
        "calculation_id": shared["id"],
        "calculation_type": "npv",
        "job": shared["id"],
    }
