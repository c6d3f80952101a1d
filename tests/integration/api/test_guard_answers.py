"""What stands on every answer: HEAD as GET, headers of browsers, CORS, compression."""

import asyncio
import gzip
import http.client
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi
from tests.integration.api.story import Story
from tests.waiting import wait_until

# These differ from one call to the next.
OF_THE_MOMENT = {"x-request-id", "x-response-time", "date", "ratelimit"} | {
    f"x-ratelimit-{name}" for name in ("remaining", "reset")
}
GETS = [
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/v1/methods",
    "/v1/methods/auto",
    "/v1/methods/none",
    "/v1/jobs",
    "/v1/jobs?limit=x",
    "/v1/instances",
    "/v1/queues",
    "/v1/limits",
    "/v1/schedules",
    "/nothing",
]


def lasting(answer: httpx2.Response) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers.items()
        if name not in OF_THE_MOMENT
    }


@pytest.mark.parametrize("path", GETS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_has_the_headers_of_get_and_no_body(
    client: TestClient, path: str, coding: str
) -> None:
    accept = {"Accept-Encoding": coding, "X-Request-ID": "same"}
    got, head = (client.request(m, path, headers=accept) for m in ("GET", "HEAD"))
    assert head.status_code == got.status_code
    assert head.content == b""
    expected, found = lasting(got), lasting(head)
    if got.status_code >= 400:
        # A problem tells the time, to the microsecond.
        expected.pop("content-length")
        found.pop("content-length")
    assert found == expected


def test_head_of_what_only_takes_posts_names_them(client: TestClient) -> None:
    answer = client.head("/v1/verify")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    answer = client.delete("/v1/methods")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_head_is_counted_as_what_it_is(client: TestClient) -> None:
    client.head("/v1/methods/auto")
    text = client.get("/metrics/prometheus").text
    assert 'method="HEAD",route="/v1/methods/{name}",status="200"' in text


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_of_a_stream_ends_at_once_and_listens_to_nothing(
    live: LiveApi, story: Story, accept: str, coding: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=10)
    for path in (f"/v1/jobs/{story.job_id}/events", "/healthz"):
        headers = {"Accept": accept, "Accept-Encoding": coding}
        connection.request("HEAD", path, headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        if path != "/healthz":
            assert answer.getheader("content-type", "").startswith(accept)
    connection.close()
    wait_until(lambda: live.app.state.hub.subscriptions == 0)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_of_a_stream_with_nothing_to_say_ends_and_is_cleaned_up(
    app: FastAPI, live: LiveApi, coding: str
) -> None:
    hub = app.state.hub

    async def silence() -> Any:
        with hub.subscribe("job_none", lambda _: None):
            await asyncio.Event().wait()
            yield b""

    @app.get("/silent")
    async def silent() -> StreamingResponse:
        return StreamingResponse(silence(), media_type="application/x-ndjson")

    with httpx2.Client(base_url=live.url, trust_env=False, timeout=10) as client:
        answer = client.head("/silent", headers={"Accept-Encoding": coding})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    wait_until(lambda: hub.subscriptions == 0)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/v1/jobs?limit=x"])
def test_browsers_are_told_to_be_careful(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-xss-protection"] == "0"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"] == "max-age=31536000"
    policy = "default-src 'self'; frame-ancestors 'none'"
    assert headers["content-security-policy"] == policy


def test_only_the_pages_that_need_it_may_run_what_is_in_them(
    client: TestClient,
) -> None:
    for path in ("/docs", "/redoc"):
        policy = client.get(path).headers["content-security-policy"]
        assert "'unsafe-inline'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
    for path in ("/docs/x", "/docsx", "/v1/docs"):
        policy = client.get(path).headers["content-security-policy"]
        assert "unsafe" not in policy


def test_the_operator_may_say_otherwise(make_app: MakeApp) -> None:
    app = make_app(hsts_seconds=0, content_security_policy="")
    headers = TestClient(app).get("/healthz").headers
    assert "strict-transport-security" not in headers
    assert "content-security-policy" not in headers


ORIGIN = "https://app.example.com"


def test_pages_of_other_origins_read_nothing_unless_named(
    client: TestClient, make_app: MakeApp
) -> None:
    asked = {"Origin": ORIGIN}
    assert (
        "access-control-allow-origin"
        not in client.get("/healthz", headers=asked).headers
    )
    named = TestClient(make_app(cors_origins=f"{ORIGIN}, https://b.example.com"))
    answer = named.get("/healthz", headers=asked)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]
    shown = answer.headers["access-control-expose-headers"]
    for name in ("Retry-After", "RateLimit", "ETag", "Location", "X-Request-ID"):
        assert name in shown.split(", ")
    other = named.get("/healthz", headers={"Origin": "https://evil.example.com"})
    assert "access-control-allow-origin" not in other.headers
    # What a cache keeps of this answer is for nobody else's page.
    assert "Origin" in other.headers["vary"]
    fault = named.get("/nothing", headers=asked)
    assert fault.headers["access-control-allow-origin"] == ORIGIN


def test_a_preflight_is_answered_and_takes_from_no_bucket(make_app: MakeApp) -> None:
    named = TestClient(make_app(cors_origins=ORIGIN, rate_limits="solve=1/0.01"))
    for _ in range(3):
        answer = named.options(
            "/solve",
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "idempotency-key,authorization",
            },
        )
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["x-request-id"]
    assert answer.headers["ratelimit"]


def test_every_origin_is_let_in_without_credentials(make_app: MakeApp) -> None:
    answer = TestClient(make_app(cors_origins="*")).get(
        "/healthz", headers={"Origin": ORIGIN}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_what_is_long_is_compressed_for_those_who_read_it(client: TestClient) -> None:
    plain = client.get("/v1/methods", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    with client.stream(
        "GET", "/v1/methods", headers={"Accept-Encoding": "gzip"}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(raw) == int(answer.headers["content-length"]) < len(plain.content) / 2
    assert gzip.decompress(raw) == plain.content
    short = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


def test_a_stream_of_events_is_never_held_back_to_be_compressed(
    client: TestClient, story: Story
) -> None:
    story.improve(30).end()
    answer = client.get(
        f"/v1/jobs/{story.job_id}/events",
        headers={"Accept": "text/event-stream", "Accept-Encoding": "gzip"},
    )
    assert "content-encoding" not in answer.headers
    assert answer.text.count("\nid: ") == story.told


def test_jobs_belong_to_the_address_that_a_proxy_tells(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        trusted_proxies="10.0.0.0/8, 192.0.2.7",
    )
    told = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4"}
    for peer, caller in (("192.0.2.7", "1.2.3.4"), ("192.0.2.8", "192.0.2.8")):
        client = TestClient(app, client=(peer, 1))
        assert client.get("/v1/limits", headers=told).json()["caller"] == caller
