"""What the tests of /v1/schedules send, and how they look at what comes of it."""

from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from db.backplane import Backplane
from schedules.dispatch import dispatch
from tests import sample_schedules

JOB = {"instance": {"name": "nug12"}, "limits": {"iterations": 100}}
NIGHTLY = {
    "name": "nightly",
    "job": JOB,
    "cron": "30 2 * * *",
    "time_zone": "Europe/Berlin",
}
EVERY = {"name": "every minute", "job": JOB, "every_s": 60}


def make(client: TestClient, body: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/schedules", json={**body, **fields})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def change(client: TestClient, view: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = client.patch(view["links"]["self"], json=fields)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def look(client: TestClient, view: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = client.get(view["links"]["self"]).json()
    return seen


def runs(client: TestClient, view: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(view["links"]["runs"]).json()["items"]
    return items


def let_come(backplane: Backplane, view: dict[str, Any], *, ago: float = 0) -> None:
    """Let a due time of the schedule come, and a beat look."""
    sample_schedules.make_due(backplane.database, view["id"], seconds_ago=ago)
    dispatch(backplane)


def point(answer: Response) -> tuple[int, str]:
    body = answer.json()
    for each in body.get("errors", ()):
        assert each["suggestion"]
    return answer.status_code, body["errors"][0]["pointer"]
