"""What the history says, over REST; and automations, which only operators switch."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.insight_views import insights_update
from db.repositories import automations, insights
from db.repositories.insights import Found, Written

ID = "ins_" + "0" * 32
FOUND: dict[str, Any] = {
    "id": ID,
    "kind": "method_wins",
    "subject": "2 to 25|memetic|auto",
    "title": "memetic beats auto",
    "description": "By much.",
    "impact": "2 % lower",
    "action": "route_auto",
    "priority": "high",
    "confidence": 79.123,
    "test": "Wilcoxon",
    "unit": "percent",
    "n": 20,
    "effect": -2.0,
    "low": -2.5,
    "high": -1.5,
    "p": 1e-6,
    "adjusted_p": 1e-5,
    "hypotheses": 10,
    "facts": {"size": "2 to 25"},
    "window_start": 1.0,
    "window_end": 2.0,
}


def put(app: FastAPI, *found: dict[str, Any]) -> None:
    written = [Written(Found(**each), None, None) for each in found]
    with app.state.solvequeue.backplane.database.transaction() as connection:
        insights.put(connection, written, keep_seconds=60.0)


def test_no_evidence_is_an_empty_list(client: TestClient) -> None:
    assert client.get("/insights/ai").json() == []
    assert client.get("/v1/insights").json() == {"items": [], "next": ""}


def test_a_finding_is_told_with_its_evidence(client: TestClient) -> None:
    app: Any = client.app
    put(app, FOUND)
    (short,) = client.get("/insights/ai").json()
    assert set(short) == {
        *("id", "title", "description", "confidence", "impact_estimate"),
        *("action_type", "priority", "timestamp"),
    }
    assert short["confidence"] == 79.12
    assert insights_update(app.state.solvequeue).data[0].id == ID
    (item,) = client.get("/v1/insights?holds=true&kind=method_wins").json()["items"]
    assert item == client.get(f"/v1/insights/{ID}").json()
    assert item["evidence"]["low"] == -2.5
    assert client.get("/v1/insights?kind=anomaly").json()["items"] == []
    put(app)
    assert client.get("/insights/ai").json() == []
    assert client.get(f"/v1/insights/{ID}").json()["state"] == "ended"
    assert client.get("/v1/insights/ins_1").status_code == HTTPStatus.NOT_FOUND


def test_auto_means_what_was_measured_until_that_is_undone(client: TestClient) -> None:
    app: Any = client.app
    listed = client.get("/v1/automations").json()["items"]
    assert not any(each["enabled"] for each in listed)
    patched = client.patch("/v1/automations", json={"route_auto": True})
    assert patched.json()["items"][0]["enabled"] is True
    bad = client.patch("/v1/automations", json={"route_autos": True})
    assert bad.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    with app.state.solvequeue.backplane.database.transaction() as connection:
        automations.route(
            connection, (2, 25), "memetic", insight_id=ID, summary="auto is memetic"
        )
    job = {"instance": {"name": "nug12"}}
    assert client.post("/v1/jobs", json=job).json()["method"] == "memetic"
    (entry,) = client.get("/v1/automations/log").json()["items"]
    undone = client.post(f"/v1/automations/log/{entry['id']}/undo")
    assert undone.json()["undone_at"] is not None
    job["method"] = "auto"
    assert client.post("/v1/jobs", json=job).json()["method"] == "auto"
    again = client.post(f"/v1/automations/log/{entry['id']}/undo")
    assert again.status_code == HTTPStatus.CONFLICT
