"""Stream tokens: they open what they name, for a while, and nothing else."""

import base64
import json
import logging
import time
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from api import stream_tokens
from db.backplane import Backplane
from db.contracts.caller import EVERY_SCOPE, Scope
from db.contracts.identifier import new_id
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import (
    SECRET,
    STREAM_TOKENS,
    assert_refused,
    bearer,
    claims_of,
    client_of,
    make_key,
    make_stream_token,
    revoke,
    running_job,
    stream_path,
)
from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import client_of as earlier_client
from tests.integration.api.readers import SSE, Socket, events_in, socket_to
from tests.integration.api.story import Story
from tests.sample_jobs import set_row
from tests.waiting import wait_until


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.fixture
def story(app_backplane: Backplane) -> Story:
    """Return a running job of alice's."""
    return running_job(app_backplane, "alice")


@pytest.fixture
def alice(app: FastAPI) -> TestClient:
    return client_of(app, make_key(app, "alice"))


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return client_of(app)


def test_a_token_says_what_it_is_for_and_until_when(
    alice: TestClient, story: Story
) -> None:
    topic = f"job:{story.job_id}"
    before = time.time()
    answer = alice.post(
        STREAM_TOKENS, json={"topics": ["metrics", topic, topic], "expires_in_s": 30}
    ).json()
    assert answer["topics"] == [topic, "metrics"]
    claims = claims_of(answer["token"])
    assert claims["sub"] == "key:alice"
    assert before + 30 <= claims["exp"] <= before + 32
    assert answer["expires_at"].startswith(
        time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(claims["exp"]))
    )


def test_a_browser_follows_with_it_and_sees_the_whole_log(
    alice: TestClient, stranger: TestClient, story: Story
) -> None:
    token = make_stream_token(alice, f"job:{story.job_id}")
    story.improve(3).end()
    assert_refused(stranger.get(f"/v1/jobs/{story.job_id}/events"))
    stream = stranger.get(stream_path(story, token), headers=SSE)
    assert events_in(stream.text) == story.bodies()


def test_it_opens_nothing_that_it_does_not_name(
    app: FastAPI, alice: TestClient, stranger: TestClient, story: Story
) -> None:
    token = make_stream_token(alice, f"job:{story.job_id}", "queues")
    for path in (
        f"/v1/batches/{story.job_id}/events",
        f"/v1/jobs/{new_id('job')}/events",
        "/v1/channels/metrics/events",
    ):
        answer = stranger.get(f"{path}?token={token}")
        assert answer.status_code == 403, path
        assert answer.json()["type"] == "/problems/forbidden"
    assert stranger.get(f"/v1/channels/queues/events?token={token}").is_success
    for method, path in (
        ("GET", f"/v1/jobs/{story.job_id}"),
        ("GET", "/v1/jobs"),
        ("POST", f"/v1/jobs/{story.job_id}/cancel"),
        ("POST", f"/v1/jobs/{story.job_id}/events"),
        ("POST", STREAM_TOKENS),
        ("GET", "/v1/keys"),
    ):
        body = {"topics": ["metrics"]} if path == STREAM_TOKENS else None
        by_address = stranger.request(method, f"{path}?token={token}", json=body)
        assert by_address.status_code == 401, path
        by_header = stranger.request(method, path, json=body, headers=bearer(token))
        assert_refused(by_header)
    assert_refused(stranger.get(stream_path(story, "")[:-7], headers=bearer(token)))


@pytest.mark.parametrize(
    "topics", [["job:ID"], ["metrics", "job:ID"]], ids=["alone", "among others"]
)
def test_none_is_made_for_what_is_not_the_callers(
    app: FastAPI, story: Story, topics: list[str]
) -> None:
    bob = client_of(app, make_key(app, "bob"))
    answers = []
    for named in (story.job_id, new_id("job")):
        body = {"topics": [topic.replace("ID", named) for topic in topics]}
        answer = bob.post(STREAM_TOKENS, json=body)
        assert answer.status_code == 404
        answers.append(answer.json()["detail"].replace(named, "ID"))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/topics"),
        ({"topics": []}, "#/topics"),
        ({"topics": ["nothing"]}, "#/topics/0"),
        ({"topics": ["metrics", "metrics:a"]}, "#/topics/1"),
        ({"topics": ["job"]}, "#/topics/0"),
        ({"topics": ["job:../.."]}, "#/topics/0"),
        ({"topics": [7]}, "#/topics/0"),
        ({"topics": ["metrics"] * 129}, "#/topics"),
        ({"topics": ["metrics"], "expires_in_s": 301}, "#/expires_in_s"),
        ({"topics": ["metrics"], "expires_in_s": 0}, "#/expires_in_s"),
        ({"topics": ["metrics"], "scopes": ["admin"]}, "#/scopes"),
    ],
)
def test_what_cannot_be_is_refused(
    alice: TestClient, body: dict[str, Any], pointer: str
) -> None:
    answer = alice.post(STREAM_TOKENS, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_job_is_no_batch(alice: TestClient, story: Story) -> None:
    answer = alice.post(STREAM_TOKENS, json={"topics": [f"batch:{story.job_id}"]})
    assert answer.status_code == 404


def test_who_may_not_read_makes_none(app: FastAPI, stranger: TestClient) -> None:
    writer = client_of(app, make_key(app, "alice", frozenset({Scope.WRITE})))
    assert writer.post(STREAM_TOKENS, json={"topics": ["metrics"]}).status_code == 403
    assert_refused(stranger.post(STREAM_TOKENS, json={"topics": ["metrics"]}))


def test_an_operators_token_reads_what_it_names_and_no_more(
    app: FastAPI, stranger: TestClient, story: Story
) -> None:
    ops = client_of(app, make_key(app, "ops", EVERY_SCOPE))
    story.end()
    token = make_stream_token(ops, f"job:{story.job_id}")
    assert stranger.get(stream_path(story, token)).is_success
    assert stranger.get(f"/v1/keys?token={token}").status_code == 401
    body = {"topics": [f"job:{new_id('job')}"]}
    assert ops.post(STREAM_TOKENS, json=body).status_code == 404


def forged(token: str, **changes: Any) -> list[str]:
    """Return the token with these claims, signed by someone else or not at all."""
    claims = claims_of(token) | changes
    head = {"typ": "stream+jwt"}
    _, body, signature = token.removeprefix("sqst_").split(".")
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    first = token.removeprefix("sqst_").split(".")[0]
    return [
        "sqst_" + jwt.encode(claims, "x" * 32, "HS256", headers=head),
        "sqst_" + jwt.encode(claims, SECRET, "HS256", headers=head),
        "sqst_" + jwt.encode(claims, None, "none", headers=head),
        f"sqst_{first}.{changed}.{signature}",
        f"sqst_{first}.{body}.",
        "sqst_",
        "sqst_" + "a" * 20_000,
        token.removeprefix("sqst_"),
        "sqst_" + "eyJ." * 3000,
    ]


def test_no_forged_token_is_believed(
    alice: TestClient, stranger: TestClient, story: Story
) -> None:
    topic = f"job:{story.job_id}"
    token = make_stream_token(alice, "metrics")
    for wrong in forged(token, topics=[topic]):
        assert_refused(stranger.get(stream_path(story, wrong)))
    assert stranger.get(stream_path(story, token)).status_code == 403


def test_a_callers_token_is_no_stream_token_and_the_other_way_round(
    app: FastAPI, alice: TestClient, stranger: TestClient, story: Story
) -> None:
    claims = {"sub": "alice", "scope": "admin", "exp": time.time() + 60}
    callers = jwt.encode(claims, SECRET, "HS256")
    topic = f"job:{story.job_id}"
    assert client_of(app, callers).get("/v1/jobs").is_success
    for text in (callers, f"sqst_{callers}", make_key(app, "alice").reveal()):
        assert_refused(stranger.get(stream_path(story, text)))
    token = make_stream_token(alice, topic)
    for text in (token, token.removeprefix("sqst_")):
        assert_refused(client_of(app, text).get("/v1/jobs"))
    # Not even where both were signed with the same key.
    key = app.state.door.streams._key()
    full = claims_of(token) | {"scope": "admin"}
    as_callers = jwt.encode(full, SECRET, "HS256", headers={"typ": "stream+jwt"})
    assert_refused(client_of(app, as_callers).get("/v1/jobs"))
    for without in ({"aud": "other"}, {"typ": "JWT"}):
        head = {"typ": without.get("typ", "stream+jwt")}
        body = full | {name: v for name, v in without.items() if name != "typ"}
        text = "sqst_" + jwt.encode(body, key, "HS256", headers=head)
        assert_refused(stranger.get(stream_path(story, text)))


def test_it_opens_nothing_after_its_time(
    alice: TestClient,
    stranger: TestClient,
    story: Story,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story.end()
    token = make_stream_token(alice, f"job:{story.job_id}", expires_in_s=1)
    assert stranger.get(stream_path(story, token)).is_success
    wait_until(lambda: time.time() > claims_of(token)["exp"])
    told = assert_refused(stranger.get(stream_path(story, token)))
    assert "expired" in told["detail"]


def test_it_ends_with_the_key_that_made_it(
    app: FastAPI, stranger: TestClient, story: Story
) -> None:
    key = make_key(app, "alice")
    token = make_stream_token(client_of(app, key), f"job:{story.job_id}")
    revoke(app, key.prefix)
    assert_refused(stranger.get(stream_path(story, token)))


def test_it_ends_with_the_token_that_made_it(
    app: FastAPI, stranger: TestClient
) -> None:
    answers = []
    # The second is believed only because clocks may differ.
    for seconds in (60, -1):
        claims = {"sub": "alice", "scope": "jobs:read", "exp": time.time() + seconds}
        maker = client_of(app, jwt.encode(claims, SECRET, "HS256"))
        token = make_stream_token(maker, "metrics")
        answers.append(stranger.get(f"/v1/channels/metrics/events?token={token}"))
    assert answers[0].is_success
    assert_refused(answers[1])


def test_all_processes_share_the_key(
    make_app: MakeApp,
    guarded_settings: dict[str, Any],
    alice: TestClient,
    story: Story,
) -> None:
    token = make_stream_token(alice, f"job:{story.job_id}")
    story.end()
    other = make_app(**guarded_settings)
    assert client_of(other).get(stream_path(story, token)).is_success


def test_it_works_where_nobody_is_asked_who_he_is(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(**(guarded_settings | {"auth_mode": "off"}))
    story = Story(app.state.solvequeue.backplane).begin()
    set_row(app.state.solvequeue.backplane.database, story.job_id, caller="192.0.2.1")
    token = make_stream_token(client_of(app), f"job:{story.job_id}")
    elsewhere = TestClient(app, client=("192.0.2.9", 1), raise_server_exceptions=False)
    assert elsewhere.get(f"/v1/jobs/{story.job_id}/events").status_code == 404
    assert elsewhere.get(stream_path(story, token)).is_success
    assert (
        elsewhere.get(f"/v1/channels/metrics/events?token={token}").status_code == 403
    )
    assert_refused(elsewhere.get(stream_path(story, token + "x")))


def test_a_socket_is_opened_with_it(
    live: LiveApi, alice: TestClient, story: Story
) -> None:
    token = make_stream_token(alice, f"job:{story.job_id}")
    with socket_to(live) as socket:
        socket.send(type="init", token=token)
        assert socket.frame()["type"] == "ready"
        socket.subscribe(story)
        socket.send(type="subscribe", id="b", topic="metrics")
        assert socket.frame()["problem"]["type"] == "/problems/forbidden"
    with connect(f"{live.socket_url}?token={token}", proxy=None) as connection:
        Socket(connection).begin().subscribe(story)
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(f"{live.socket_url}?token={token}x", proxy=None),
    ):
        pass
    assert refused.value.response.status_code == 401
    with socket_to(live) as socket:
        socket.send(type="init", token=token + "x")
        assert socket.frame()["type"] == "error"
        with pytest.raises(ConnectionClosed):
            socket.frame()


def test_the_earlier_servers_sockets_tell_no_more_than_it_names(
    live: LiveApi, alice: TestClient
) -> None:
    token = make_stream_token(alice, "metrics")
    with earlier_client(live, "/ws", query=f"?token={token}") as client:
        assert client.await_("welcome")
        for wish, fields in (
            ("subscribe", {"channel": "system"}),
            ("subscribe", {"channel": "calculations"}),
            ("get_active_calculations", {}),
        ):
            refused = client.ask(wish, "error", **fields)
            assert refused["code"] == "forbidden", wish
        refused = client.ask("calculate", "calculation_error", calculation_type="solve")
        assert refused["code"] == "forbidden"
        assert client.ask("subscribe", "subscribed", channel="metrics")
    feed = make_stream_token(alice, "queues")
    with earlier_client(live, "/ws/live", query=f"?token={feed}") as client:
        assert client.await_("connection_established")
        listening = live.app.state.hub.subscriptions
        assert client.is_open()
        assert listening == 0


def test_it_is_written_nowhere(
    live: LiveApi,
    alice: TestClient,
    stranger: TestClient,
    story: Story,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    token = make_stream_token(alice, f"job:{story.job_id}")
    signature = token.rpartition(".")[2]
    stranger.get(stream_path(story, token))
    stranger.get(stream_path(story, token[:-1]))
    ours = [each for each in caplog.records if each.name.startswith(("api", "db"))]
    assert ours
    for each in ours:
        assert signature[:-1] not in repr(vars(each))


def test_what_a_token_may_be_is_pinned() -> None:
    assert stream_tokens.ALGORITHM == "HS256"
    assert stream_tokens.topic_of("/v1/jobs/a/events") == "job:a"
    assert stream_tokens.topic_of("/v1/batches/a/events") == "batch:a"
    assert stream_tokens.topic_of("/v1/benchmarks/a/events") == "benchmark:a"
    assert stream_tokens.topic_of("/v1/channels/logs/events") == "logs"
    for path in ("/v1/jobs/a", "/v1/jobs/a/b/events", "/v1/jobs/a/events/"):
        assert stream_tokens.topic_of(path) is None
