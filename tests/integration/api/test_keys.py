"""/v1/keys: made, listed and revoked."""

from typing import get_args

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.schemas.key import ScopeName
from db.contracts.api_key import KeyText
from db.contracts.caller import Scope
from tests.integration.api.keyed import client_of


def test_a_key_is_shown_once(client: TestClient) -> None:
    made = client.post("/v1/keys", json={"owner": "team-a", "name": "nightly"})
    view = made.json()
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert made.headers["location"] == f"/v1/keys/{view['prefix']}"
    text = KeyText.parse(view.pop("key"))
    assert text is not None
    assert view["prefix"] == text.prefix
    assert (view["owner"], view["name"]) == ("team-a", "nightly")
    assert view["scopes"] == ["jobs:read", "jobs:write"]
    listed = client.get("/v1/keys")
    assert listed.json() == {"items": [view]}
    assert text.secret not in listed.text


def test_every_scope_can_be_asked_for() -> None:
    assert get_args(ScopeName) == tuple(Scope)


def test_limits_and_an_end_are_kept(client: TestClient) -> None:
    view = client.post(
        "/v1/keys",
        json={
            "owner": "team-a",
            "scopes": ["admin"],
            "expires_days": 1.5,
            "max_queued": 10,
            "max_running": 2,
        },
    ).json()
    assert view["scopes"] == ["jobs:read", "jobs:write", "admin"]
    assert (view["max_queued"], view["max_running"]) == (10, 2)
    assert view["expires_at"] > view["created_at"]


def test_revoking_is_told_and_may_be_repeated(client: TestClient) -> None:
    prefix = client.post("/v1/keys", json={"owner": "a"}).json()["prefix"]
    for _ in range(2):
        assert client.delete(f"/v1/keys/{prefix}").status_code == 204
    (listed,) = client.get("/v1/keys").json()["items"]
    assert listed["revoked_at"] is not None


def test_a_key_that_there_is_not_is_not_revoked(client: TestClient) -> None:
    assert client.delete("/v1/keys/sq_aaaaaaaa").status_code == 404
    assert client.delete("/v1/keys/sq_").status_code == 422


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/owner"),
        ({"owner": ""}, "#/owner"),
        ({"owner": "a b"}, "#/owner"),
        ({"owner": "a:b"}, "#/owner"),
        ({"owner": "x" * 101}, "#/owner"),
        ({"owner": "a", "scopes": []}, "#/scopes"),
        ({"owner": "a", "scopes": ["all"]}, "#/scopes/0"),
        ({"owner": "a", "scopes": "admin"}, "#/scopes"),
        ({"owner": "a", "expires_days": 0}, "#/expires_days"),
        ({"owner": "a", "expires_days": 1e9}, "#/expires_days"),
        ({"owner": "a", "max_queued": 0}, "#/max_queued"),
        ({"owner": "a", "max_running": 2**40}, "#/max_running"),
        ({"owner": "a", "name": "x" * 101}, "#/name"),
        ({"owner": "a", "name": "a\u0000b"}, "#/name"),
        ({"owner": "a", "key": "mine"}, "#/key"),
    ],
)
def test_what_makes_no_sense_is_pointed_at(
    client: TestClient, body: dict[str, object], pointer: str
) -> None:
    answer = client.post("/v1/keys", json=body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_others_are_told_nothing_of_keys(app: FastAPI) -> None:
    for answer in (
        client_of(app).get("/v1/keys"),
        client_of(app).post("/v1/keys", json={"owner": "a"}),
        client_of(app).delete("/v1/keys/sq_aaaaaaaa"),
    ):
        assert answer.status_code == 403
