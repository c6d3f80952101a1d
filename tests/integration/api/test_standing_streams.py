"""Streams that are open end when their caller's leave does, or the process."""

import threading
import time

import httpx2
import pytest
from fastapi import FastAPI

from api import key_ring, standing_leave
from db.backplane import Backplane
from tests.integration.api.keyed import (
    bearer,
    claims_of,
    client_of,
    make_key,
    make_stream_token,
    revoke,
    running_job,
    stream_path,
)
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.readers import SSE
from tests.integration.api.story import Story
from tests.waiting import wait_until


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.fixture
def story(app_backplane: Backplane) -> Story:
    """Return a running job of alice's."""
    return running_job(app_backplane, "alice")


@pytest.mark.parametrize("by", ["key", "stream token"])
def test_a_stream_ends_soon_after_its_key_is_revoked(
    app: FastAPI, story: Story, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(standing_leave, "CHECK_SECONDS", 0.02)
    monkeypatch.setattr(key_ring, "KEPT_SECONDS", 0.02)
    key = make_key(app, "alice")
    headers, path = bearer(key) | SSE, f"/v1/jobs/{story.job_id}/events"
    if by == "stream token":
        token = make_stream_token(
            client_of(app, key), f"job:{story.job_id}", expires_in_s=2
        )
        headers, path = SSE, stream_path(story, token)
    with (
        serving(app) as live,
        httpx2.Client(base_url=live.url, trust_env=False, timeout=30) as client,
        client.stream("GET", path, headers=headers) as stream,
    ):
        lines = stream.iter_lines()
        heard: list[str] = []
        while not any('"job.started"' in line for line in heard):
            heard.append(next(lines))
        if by == "stream token":
            # What it has opened outlives it.
            wait_until(lambda: time.time() > claims_of(token)["exp"])
            story.improve()
            while not any('"job.incumbent"' in line for line in heard):
                heard.append(next(lines))
        revoke(app, key.prefix)
        # The answer is whole: the client did not have to guess.
        assert [line for line in lines if line.startswith("data:")] == []


def test_streams_end_when_the_process_is_asked_to_go(
    app: FastAPI, live: LiveApi, story: Story
) -> None:
    alice = client_of(app, make_key(app, "alice"))
    token = make_stream_token(alice, f"job:{story.job_id}")
    with (
        httpx2.Client(base_url=live.url, trust_env=False, timeout=30) as client,
        client.stream("GET", stream_path(story, token), headers=SSE) as stream,
    ):
        lines = stream.iter_lines()
        next(lines)
        threading.Thread(target=app.state.leave.end_all).start()
        assert [line for line in lines if '"job.succeeded"' in line] == []
