"""Callers with keys of their own, from an address that means nothing."""

from typing import Any

import httpx2
import jwt
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.api_key import KeyText
from db.contracts.caller import EVERY_SCOPE, Scope
from db.repositories import api_keys
from db.repositories.api_keys import NewApiKey
from tests.integration.api.story import Story

SECRET = "0123456789abcdef0123456789abcdef"
"""Of tokens."""
STREAM_TOKENS = "/v1/stream-tokens"
ELSEWHERE = ("192.0.2.1", 50_000)
READ_WRITE = frozenset({Scope.READ, Scope.WRITE})


def make_key(
    app: FastAPI,
    owner: str = "alice",
    scopes: frozenset[Scope] = READ_WRITE,
    **limits: Any,
) -> KeyText:
    """Record a key; return it."""
    new = NewApiKey(owner=owner, scopes=scopes, **limits)
    with app.state.solvequeue.backplane.database.transaction() as connection:
        return api_keys.create_key(connection, new)[1]


def bearer(credential: KeyText | str) -> dict[str, str]:
    if isinstance(credential, KeyText):
        credential = credential.reveal()
    return {"Authorization": f"Bearer {credential}"}


def client_of(
    app: FastAPI, credential: KeyText | str | None = None, **options: Any
) -> TestClient:
    """Return a client elsewhere that sends this with every request."""
    headers = {} if credential is None else bearer(credential)
    return TestClient(
        app,
        client=ELSEWHERE,
        headers=headers,
        raise_server_exceptions=False,
        **options,
    )


def ended_job(backplane: Backplane, owner: str) -> Story:
    """Return a job of this owner that has ended with a result."""
    return running_job(backplane, owner).improve().end()


def running_job(backplane: Backplane, owner: str) -> Story:
    """Return a job of this owner that runs."""
    return Story(backplane, caller=f"key:{owner}").begin().start()


def operator(app: FastAPI) -> TestClient:
    """Return a client that may do all."""
    return client_of(app, make_key(app, "ops", EVERY_SCOPE))


def assert_refused(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["type"] == "/problems/unauthenticated"
    assert told["request_id"] == answer.headers["x-request-id"]
    return told


def revoke(app: FastAPI, prefix: str) -> None:
    with app.state.solvequeue.backplane.database.transaction() as connection:
        api_keys.revoke_key(connection, prefix)
    app.state.door.keys.forget(prefix)


def make_stream_token(client: TestClient, *topics: str, **fields: Any) -> str:
    answer = client.post(STREAM_TOKENS, json={"topics": topics, **fields})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    token: str = answer.json()["token"]
    return token


def stream_path(story: Story, token: str, kind: str = "jobs") -> str:
    return f"/v1/{kind}/{story.job_id}/events?token={token}"


def claims_of(token: str) -> dict[str, Any]:
    text = token.removeprefix("sqst_")
    found: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    return found
