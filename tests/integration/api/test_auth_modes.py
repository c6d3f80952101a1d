"""Off, optional, required: who has to show a key, and for what."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.keyed import assert_refused, bearer, client_of, make_key

JOB = {"instance": {"name": "nug12"}, "cache": False}
OPEN = ["/healthz", "/docs", "/redoc", "/openapi.json"]


def test_off_lets_its_own_host_do_all(client: TestClient) -> None:
    assert client.get("/v1/keys").status_code == 200
    assert client.post("/v1/jobs", json=JOB).status_code == 202


def test_off_lets_others_read_and_write_only(app: FastAPI) -> None:
    other = client_of(app)
    assert other.get("/v1/jobs").status_code == 200
    assert other.post("/v1/jobs", json=JOB).status_code == 202
    refused = other.get("/v1/keys")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("queue.localhost", 200),
        ("evil.example", 403),
        ("evil.example:8000", 403),
        ("127.0.0.1.evil.example", 403),
        ("evil.example.", 403),
    ],
)
def test_a_page_whose_name_leads_here_is_no_operator(
    client: TestClient, host: str, code: int
) -> None:
    headers = {"Host": host}
    assert client.get("/v1/keys", headers=headers).status_code == code
    assert client.get("/v1/jobs", headers=headers).status_code == 200


def test_off_looks_at_no_key(app: FastAPI) -> None:
    assert client_of(app, "no key at all").get("/v1/jobs").status_code == 200


def test_optional_takes_who_shows_nothing_by_address(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(**guarded_settings | {"auth_mode": "optional"})
    made = client_of(app).post("/v1/jobs", json=JOB)
    assert made.status_code == 202
    path = made.headers["location"]
    assert client_of(app).get(path).status_code == 200
    elsewhere = TestClient(app, client=("192.0.2.2", 1))
    assert elsewhere.get(path).status_code == 404
    # Not even on its own host: there may be a proxy on it.
    own = TestClient(app, client=OWN_HOST)
    assert own.get(path).status_code == 404
    assert_refused(own.get("/v1/keys"))


def test_optional_refuses_a_bad_key(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(**guarded_settings | {"auth_mode": "optional"})
    assert_refused(client_of(app, "sq_nothing").get("/v1/jobs"))
    assert client_of(app, make_key(app)).get("/v1/jobs").status_code == 200


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/keys", "/nowhere", "/solve"])
def test_required_asks_before_it_says_anything(guarded: FastAPI, path: str) -> None:
    for client in (client_of(guarded), TestClient(guarded, client=OWN_HOST)):
        assert_refused(client.get(path))
        assert_refused(client.post(path, content=b"x" * 100))


@pytest.mark.parametrize("path", OPEN)
def test_probes_and_pages_are_open(guarded: FastAPI, path: str) -> None:
    assert client_of(guarded).get(path).status_code == 200
    # A bad key does not close them: a probe must not hang on it.
    assert client_of(guarded, "bad").get(path).status_code == 200


def test_metrics_are_open_only_if_said_so(
    make_app: MakeApp, guarded_settings: dict[str, Any], guarded: FastAPI
) -> None:
    path = "/metrics/prometheus"
    assert_refused(client_of(guarded).get(path))
    app = make_app(**guarded_settings, metrics_open=True)
    assert client_of(app).get(path).status_code == 200


class TestPagesOfOtherSites:
    """A browser on this machine is a caller on it, whatever page it shows."""

    ELSEWHERE = ("https://evil.example", "http://127.0.0.1:1", "null", "evil")

    @pytest.mark.parametrize("origin", ELSEWHERE)
    @pytest.mark.parametrize("path", ["/admin/clear", "/v1/queues/bulk/pause"])
    def test_may_do_nothing_by_its_address(
        self, app: FastAPI, path: str, origin: str
    ) -> None:
        here = TestClient(app, client=OWN_HOST)
        answer = here.post(path, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "SOLVEQUEUE_CORS_ORIGINS" in answer.json()["suggestion"]

    def test_are_told_by_the_origin_and_not_by_its_absence(self, app: FastAPI) -> None:
        here = TestClient(app, client=OWN_HOST)
        own = str(here.base_url).rstrip("/")
        for headers in ({}, {"Origin": own}):
            assert here.post("/v1/queues/bulk/pause", headers=headers).is_success
        assert here.get(
            "/v1/jobs", headers={"Origin": "https://evil.example"}
        ).is_success

    def test_may_what_the_operator_lets_them(
        self, make_app: MakeApp, guarded_settings: dict[str, Any]
    ) -> None:
        named = "https://app.example"
        app = make_app(
            **guarded_settings | {"auth_mode": "off", "cors_origins": [named]}
        )
        here = TestClient(app, client=OWN_HOST)
        path = "/v1/queues/bulk/pause"
        assert here.post(path, headers={"Origin": named}).is_success
        other = here.post(path, headers={"Origin": "https://evil.example"})
        assert other.status_code == 403

    def test_may_with_a_key(self, guarded: FastAPI) -> None:
        headers = {**bearer(make_key(guarded)), "Origin": "https://evil.example"}
        sent = client_of(guarded).post("/v1/jobs", json=JOB, headers=headers)
        assert sent.status_code in (201, 202)
