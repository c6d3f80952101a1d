"""A fleet of local servers by a script: what REST and /ws/live tell of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.embedded_valkey import EmbeddedValkey
from schedules.provider_health.prober import Prober
from tests.fleet import DOWN, HEALTHY, NETWORK, Fleet, Reply, fleet
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import Client, client_of
from tests.sample_providers import PATIENCE_SECONDS, ScriptedClock

STEP_S = 600.0
STEPS = 5
PATIENT = {
    "timeout_ms": 10_000,
    "degraded_ms": 20_000,
    "offline_ms": 30_000,
    "failures": 2,
}
UP, BAD, OFF = "online", "degraded", "offline"
STATES = {
    "healthy": [UP] * 5,
    "flapping": [UP, UP, OFF, UP, UP],
    "failing": [BAD] * 5,
    "limited": [BAD, BAD, BAD, UP, UP],
    "wrong": [BAD] * 5,
    "hanging": [OFF] * 5,
    "untrusted": [OFF] * 5,
}
OUTCOMES = {
    "healthy": ["success"] * 5,
    "flapping": ["success", "failed", "failed", "success", "success"],
    "failing": ["failed"] * 5,
    "limited": ["rate_limited", "blocked", "blocked", "success", "success"],
    "wrong": ["failed"] * 5,
    # After five calls its circuit would open.
    "hanging": ["timeout"] * 5,
    "untrusted": ["failed"] * 5,
}


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        provider_allow_cidrs=(NETWORK,),
        provider_parts=False,
    )


@pytest.fixture
def servers() -> Iterator[Fleet]:
    with fleet() as running:
        yield running


class Watch:
    """Names providers over REST and has them checked."""

    def __init__(self, client: TestClient, prober: Prober) -> None:
        self._client = client
        self._prober = prober
        self.ids: dict[str, str] = {}

    def name(self, name: str, url: str, **described: Any) -> None:
        body = {"name": name, "category": "test", "url": url, "expectation": PATIENT}
        answer = self._client.post("/v1/providers", json={**body, **described})
        assert answer.status_code == 201, answer.text
        self.ids[name] = answer.json()["id"]

    def check(self, *names: str) -> None:
        for name in names:
            path = f"/v1/providers/{self.ids[name]}/check"
            assert self._client.post(path).status_code == 202
        self._prober.take()
        assert self._prober.wait_until_idle(PATIENCE_SECONDS)

    def get(self, name: str, below: str = "") -> Any:
        answer = self._client.get(f"/v1/providers/{self.ids[name]}{below}")
        assert answer.status_code == 200, answer.text
        return answer.json()


def _name_all(watch: Watch, servers: Fleet) -> None:
    watch.name("healthy", servers.script("healthy", HEALTHY))
    watch.name("flapping", servers.script("flapping", HEALTHY, DOWN, DOWN, HEALTHY))
    watch.name("failing", servers.script("failing", Reply(status=500)))
    wait = Reply(status=429, headers={"retry-after": str(int(2.5 * STEP_S))})
    watch.name("limited", servers.script("limited", wait, HEALTHY))
    pointed = {**PATIENT, "pointer": "/rates/usd"}
    html = servers.script("wrong", Reply(body=b"<html>"))
    watch.name("wrong", html, expectation=pointed)
    hasty = {**PATIENT, "timeout_ms": 150}
    hanging = servers.script("hanging", Reply(hangs=True))
    watch.name("hanging", hanging, expectation=hasty)
    watch.name("untrusted", servers.tls_url("healthy"))


def test_a_fleet_is_told_as_it_is_scripted(
    app: FastAPI, client: TestClient, live: LiveApi, servers: Fleet
) -> None:
    clock = ScriptedClock()
    prober = Prober(app.state.solvequeue.backplane, now=clock.now)
    watch = Watch(client, prober)
    with client_of(live, "/ws/live") as socket:
        socket.find("connection_established")
        limits = [{"per": "day", "calls": 5}]
        watch.name("metered", servers.script("metered", HEALTHY), limits=limits)
        for _ in range(6):
            watch.check("metered")
        told = [socket.await_("rate_limit_alert") for _ in range(2)]
        severities = [(each["severity"], each["percentage"]) for each in told]
        assert severities == [("warning", 80), ("critical", 100)]
        _name_all(watch, servers)
        for step in range(STEPS):
            # In the past, so that the last hour is all of the script.
            clock.forward_s = (step - STEPS) * STEP_S
            watch.check(*STATES)
            for name, states in STATES.items():
                shown = watch.get(name)
                assert (name, step, shown["state"]) == (name, step, states[step])
        _are_told(socket)
    prober.drain(PATIENCE_SECONDS)
    for name, outcomes in OUTCOMES.items():
        items = watch.get(name, "/checks")["items"][::-1]
        assert (name, [each["outcome"] for each in items]) == (name, outcomes)
    changed = watch.get("flapping", "/changes")["items"][::-1]
    assert [each["new_state"] for each in changed] == [UP, OFF, UP]
    _are_counted(watch)


def _are_told(socket: Client) -> None:
    """Each change of each provider is a frame, and each check that was made a line."""
    changes = {
        name: [
            state
            for before, state in zip([None, *states], states, strict=False)
            if state != before
        ]
        for name, states in STATES.items()
    }
    made = {
        name: [each for each in outcomes if each != "blocked"]
        for name, outcomes in OUTCOMES.items()
    }
    told: dict[str, list[str]] = {name: [] for name in STATES}
    lines: dict[str, list[str]] = {name: [] for name in STATES}
    while told != changes or lines != made:
        frame = socket.await_("provider_status_change", "new_log_entry")
        if frame["provider"] not in STATES:
            continue
        if frame["type"] == "provider_status_change":
            told[frame["provider"]].append(frame["new_status"])
        elif frame["log_type"] == "connection":
            lines[frame["provider"]].append(frame["status"])


def _are_counted(watch: Watch) -> None:
    """Statistics and budgets add up to the script."""
    flapping = watch.get("flapping", "/statistics")
    attempts = flapping["attempts"]
    assert (attempts["calls"], attempts["success"], attempts["failed"]) == (5, 3, 2)
    assert attempts["errors"] == {"network": 2}
    # Offline from the third check to the fourth: one of the five steps.
    assert flapping["uptime"]["offline"] == pytest.approx(0.2, abs=0.02)
    assert flapping["uptime"]["known_s"] == pytest.approx(STEPS * STEP_S, rel=0.1)
    limited = watch.get("limited", "/statistics")["attempts"]
    assert (limited["calls"], limited["blocked"], limited["rate_limited"]) == (3, 2, 1)
    metered = watch.get("metered", "/statistics")
    assert metered["attempts"]["blocked"] == 1
    (budget,) = metered["budgets"]
    assert (budget["used"], budget["percentage"], budget["status"]) == (
        5,
        100,
        "blocked",
    )
