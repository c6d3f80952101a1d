"""Who is let in: keys, tokens, modes, and what becomes of those who are not."""

import io
import json
import logging
import time
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api import key_ring
from api.key_ring import KEPT_SECONDS, KeyRing
from db.contracts.api_key import NO_DIGEST, KeyText
from db.contracts.caller import Scope
from db.contracts.errors import DatabaseUnavailableError
from db.engine import now
from db.models import ApiKey
from tests.conftest import Switch
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import (
    SECRET,
    assert_refused,
    bearer,
    client_of,
    make_key,
    operator,
)

JOB = {"instance": {"name": "nug12"}, "cache": False}


def token(**changes: Any) -> str:
    claims = {
        "sub": "alice",
        "exp": time.time() + 600,
        "scope": "jobs:read jobs:write",
        **changes,
    }
    return jwt.encode(claims, SECRET, "HS256")


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    real = time.monotonic

    class Later:
        @staticmethod
        def monotonic() -> float:
            return real() + seconds

    monkeypatch.setattr(key_ring, "time", Later)


def set_key(app: FastAPI, text: KeyText, **values: object) -> None:
    with app.state.solvequeue.backplane.database.transaction() as connection:
        query = update(ApiKey).where(ApiKey.prefix == text.prefix)
        connection.execute(query.values(values))


def test_a_key_opens_in_either_header(guarded: FastAPI) -> None:
    text = make_key(guarded)
    client = client_of(guarded)
    for headers in (
        bearer(text),
        {"Authorization": f"bearer   {text.reveal()}"},
        {"X-API-Key": text.reveal()},
        {**bearer(text), "X-API-Key": text.reveal()},
    ):
        assert client.get("/v1/jobs", headers=headers).status_code == 200


def test_two_credentials_at_once_are_refused(guarded: FastAPI) -> None:
    first, second = make_key(guarded), make_key(guarded, "bob")
    client = client_of(guarded)
    twice = [("Authorization", f"Bearer {first.reveal()}")] * 2
    for headers in (
        {**bearer(first), "X-API-Key": second.reveal()},
        {**bearer(token()), "X-API-Key": second.reveal()},
        twice,
        [("X-API-Key", first.reveal())] * 2,
        [("Authorization", "Basic eA=="), ("X-API-Key", first.reveal())],
    ):
        assert_refused(client.get("/v1/jobs", headers=headers))


@pytest.mark.parametrize(
    "value",
    [
        "Basic YTpi",
        "Bearer",
        "Bearer ",
        "Token abc",
        "sq_abcdefgh_" + "A" * 43,
        "Bearer sq_abcdefgh",
        "Bearer " + "x" * 100_000,
        "Bearer é".encode("latin-1"),
        "Bearer a.b.c",
    ],
    ids=range(9),
)
def test_other_headers_are_no_credentials(guarded: FastAPI, value: Any) -> None:
    assert_refused(client_of(guarded).get("/v1/jobs", headers={"Authorization": value}))


def test_scopes_are_asked_for_by_what_is_done(guarded: FastAPI) -> None:
    reader = client_of(guarded, make_key(guarded, scopes=frozenset({Scope.READ})))
    writer = client_of(guarded, make_key(guarded, scopes=frozenset({Scope.WRITE})))
    assert reader.get("/v1/jobs").status_code == 200
    assert reader.head("/v1/jobs").status_code in {200, 405}
    assert writer.post("/v1/jobs", json=JOB).status_code == 202
    for refused in (
        reader.post("/v1/jobs", json=JOB),
        reader.delete("/v1/jobs/job_" + "0" * 32),
        writer.get("/v1/jobs"),
        reader.get("/v1/keys"),
        writer.post("/v1/keys", json={}),
    ):
        assert refused.status_code == 403
        assert refused.json()["type"] == "/problems/forbidden"
    assert operator(guarded).get("/v1/keys").status_code == 200


def guess(text: KeyText) -> KeyText:
    return KeyText(text.prefix, "A" * 43)


def test_a_wrong_secret_says_no_more_than_an_unknown_prefix(guarded: FastAPI) -> None:
    text = make_key(guarded)
    unknown = KeyText("sq_zzzzzzzz", "A" * 43)
    told = []
    for guessed in (guess(text), unknown):
        refused = assert_refused(client_of(guarded, guessed).get("/v1/jobs"))
        del refused["timestamp"], refused["request_id"]
        told.append(json.dumps(refused).replace(guessed.prefix, "PREFIX"))
    assert told[0] == told[1]


def test_each_guess_costs_one_comparison_of_whole_digests(
    guarded: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = make_key(guarded)
    compared: list[tuple[str, str]] = []
    real = key_ring.hmac.compare_digest

    def compare(sent: str, expected: str) -> bool:
        compared.append((sent, expected))
        return real(sent, expected)

    monkeypatch.setattr(key_ring.hmac, "compare_digest", compare)
    unknown = KeyText("sq_zzzzzzzz", "A" * 43)
    for guessed in (guess(text), unknown, guess(text)):
        assert_refused(client_of(guarded, guessed).get("/v1/jobs"))
    right, wrong = text.digest, guess(text).digest
    assert compared == [(wrong, right), (wrong, NO_DIGEST), (wrong, right)]


def test_a_revoked_key_opens_nothing_any_more(guarded: FastAPI) -> None:
    text = make_key(guarded)
    client = client_of(guarded, text)
    assert client.get("/v1/jobs").status_code == 200
    assert operator(guarded).delete(f"/v1/keys/{text.prefix}").status_code == 204
    assert "revoked" in assert_refused(client.get("/v1/jobs"))["detail"]


def test_other_processes_know_of_it_seconds_later(
    guarded: FastAPI,
    make_app: MakeApp,
    guarded_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, text = make_app(**guarded_settings), make_key(guarded)
    client = client_of(other, text)
    assert client.get("/v1/jobs").status_code == 200
    operator(guarded).delete(f"/v1/keys/{text.prefix}")
    pass_time(monkeypatch, KEPT_SECONDS + 0.1)
    assert_refused(client.get("/v1/jobs"))


def test_an_expired_key_opens_nothing(guarded: FastAPI) -> None:
    text = make_key(guarded, expires_s=60.0)
    client = client_of(guarded, text)
    set_key(guarded, text, expires_at=now() - 1.0)
    assert "expired" in assert_refused(client.get("/v1/jobs"))["detail"]


def test_a_key_expires_while_it_is_remembered(
    guarded: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = make_key(guarded, expires_s=KEPT_SECONDS / 2)
    client = client_of(guarded, text)
    assert client.get("/v1/jobs").status_code == 200
    pass_time(monkeypatch, KEPT_SECONDS * 0.9)
    assert_refused(client.get("/v1/jobs"))


def test_the_database_is_asked_once_for_many_requests(
    guarded: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = KeyRing._load

    def load(ring: KeyRing, prefix: str) -> Any:
        asked.append(prefix)
        return real(ring, prefix)

    monkeypatch.setattr(KeyRing, "_load", load)
    text = make_key(guarded)
    client = client_of(guarded, text)
    for _ in range(20):
        assert client.get("/v1/methods").status_code == 200
    assert asked == [text.prefix]


def test_known_keys_go_on_while_the_database_is_away(
    guarded: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = make_key(guarded), make_key(guarded)
    client = client_of(guarded, known)
    assert client.get("/v1/methods").status_code == 200

    def away(*_: object) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(KeyRing, "_load", away)
    pass_time(monkeypatch, 3600)
    assert client.get("/v1/methods").status_code == 200
    assert_refused(client_of(guarded, guess(known)).get("/v1/methods"))
    answer = client_of(guarded, new).get("/v1/methods")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/database-unavailable"
    assert answer.headers["retry-after"]


def test_a_database_that_is_away_is_no_reason_to_refuse_a_key(
    make_app: MakeApp,
    guarded_settings: dict[str, Any],
    switch: Switch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(**guarded_settings | {"database_url": switch.url})
    known, new = make_key(app), make_key(app)
    assert client_of(app, known).get("/v1/methods").status_code == 200
    switch.off()
    try:
        pass_time(monkeypatch, KEPT_SECONDS + 1)
        assert client_of(app, known).get("/v1/methods").status_code == 200
        assert client_of(app, new).get("/v1/methods").status_code == 503
        assert client_of(app, known).get("/v1/jobs").status_code == 503
    finally:
        switch.on()
    pass_time(monkeypatch, 2 * KEPT_SECONDS + 2)
    assert client_of(app, new).get("/v1/jobs").status_code == 200


def test_no_cache_in_between_keeps_an_answer_for_others(guarded: FastAPI) -> None:
    headers = {"X-API-Key": make_key(guarded).reveal()}
    answer = client_of(guarded).get("/v1/jobs", headers=headers)
    assert answer.headers["cache-control"] == "private, no-cache"
    made = operator(guarded).post("/v1/keys", json={"owner": "a"})
    assert made.headers["cache-control"] == "no-store"


def test_the_last_use_is_written(guarded: FastAPI) -> None:
    text = make_key(guarded)
    client_of(guarded, guess(text)).get("/v1/jobs")
    query = select(ApiKey.last_used_at).where(ApiKey.prefix == text.prefix)
    with guarded.state.solvequeue.backplane.database.reading() as connection:
        assert connection.execute(query).scalar_one() is None
    client_of(guarded, text).get("/v1/jobs")
    with guarded.state.solvequeue.backplane.database.reading() as connection:
        assert connection.execute(query).scalar_one() is not None


def test_a_guess_is_logged_and_counted_without_its_secret(guarded: FastAPI) -> None:
    text = make_key(guarded)
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logging.Formatter("%(message)s %(action)s %(reason)s"))
    logger = logging.getLogger("api.callers")
    logger.addHandler(handler)
    try:
        client_of(guarded, guess(text)).get("/v1/jobs")
        client_of(guarded, token(exp=1)).get("/v1/jobs")
        client_of(guarded).get("/v1/jobs")
    finally:
        logger.removeHandler(handler)
    # Who shows nothing guesses nothing.
    first, second = lines.getvalue().splitlines()
    assert text.prefix in first
    assert "caller_refused" in first
    assert "expired" in second
    assert "A" * 43 not in lines.getvalue()
    assert "eyJ" not in lines.getvalue()
    shown = operator(guarded).get("/metrics/prometheus").text
    assert "solvequeue_callers_refused_total 2.0" in shown


def test_a_token_opens_as_its_subject(guarded: FastAPI) -> None:
    made = client_of(guarded, token()).post("/v1/jobs", json=JOB)
    assert made.status_code == 202
    path = made.headers["location"]
    assert client_of(guarded, token()).get(path).status_code == 200
    assert client_of(guarded, token(sub="bob")).get(path).status_code == 404
    # Of the same name, but by a key.
    assert client_of(guarded, make_key(guarded, "alice")).get(path).status_code == 404
    assert client_of(guarded, token(scope="")).get(path).status_code == 403
    assert client_of(guarded, token(scope="admin")).get("/v1/keys").status_code == 200
    assert_refused(client_of(guarded, token(exp=1)).get(path))


def test_a_key_says_how_many_jobs_may_wait(guarded: FastAPI) -> None:
    client = client_of(guarded, make_key(guarded, max_queued=2))
    codes = [client.post("/v1/jobs", json=JOB).status_code for _ in range(3)]
    assert codes == [202, 202, 429]
    more = client_of(guarded, make_key(guarded, max_queued=3))
    assert more.post("/v1/jobs", json=JOB).status_code == 202


def test_a_fault_at_the_door_is_a_problem(
    guarded: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(KeyRing, "_load", breaks)
    answer = client_of(guarded, make_key(guarded)).get("/v1/jobs")
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal"
    assert "broken" not in answer.text


def test_an_address_is_no_owner_of_keys(app: FastAPI) -> None:
    disguised = TestClient(app, client=("key:alice", 1))
    made = disguised.post("/v1/jobs", json=JOB).json()["id"]
    query = "select caller from job where id = ?"
    with app.state.solvequeue.backplane.database.reading() as connection:
        caller = connection.exec_driver_sql(query, (made,)).scalar_one()
    assert caller == "keyalice"
