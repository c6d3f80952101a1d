"""A fleet of local servers, and a process that checks them."""

from collections.abc import Iterator

import pytest

from db.backplane import Backplane
from db.embedded_valkey import EmbeddedValkey
from schedules.provider_health.prober import Prober
from tests.conftest import OpenBackplane
from tests.fleet import NETWORK, Fleet, fleet
from tests.sample_providers import (
    SECRET,
    ScriptedClock,
)


@pytest.fixture
def servers() -> Iterator[Fleet]:
    with fleet() as running:
        yield running


@pytest.fixture
def watched(
    open_backplane: OpenBackplane,
    database_url: str,
    valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
) -> Backplane:
    monkeypatch.setenv("BSCSCAN_KEY", SECRET)
    return open_backplane(
        database_url=database_url,
        redis_url=valkey.redis_url,
        provider_allow_cidrs=(NETWORK,),
        provider_breaker_failures=4,
    )


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock()


@pytest.fixture
def prober(watched: Backplane, clock: ScriptedClock) -> Iterator[Prober]:
    made = Prober(watched, now=clock.now)
    yield made
    made.drain(30.0)
