"""The service's own parts, as checks see them: they are there, late, or gone."""

import pytest
from redis import Redis

from db.backplane import Backplane
from db.contracts.job_kind import Queue
from db.contracts.living_worker import LivingWorker
from db.contracts.provider import CheckOutcome, Expectation, ProviderState, level_of
from db.embedded_valkey import EmbeddedValkey
from db.presence import ABSENT_AFTER_SECONDS
from schedules.provider_health.own_parts import (
    check_beat,
    check_broker,
    check_relay,
    check_workers,
)
from schedules.provider_registry import OF_BEAT, OF_PARTS
from tests.conftest import OpenBackplane
from tests.sample_workers import solver

ONLINE, DEGRADED, OFFLINE = (
    ProviderState.ONLINE,
    ProviderState.DEGRADED,
    ProviderState.OFFLINE,
)
PATIENT = Expectation(degraded_ms=60_000, offline_ms=60_000)
"""However busy the machine is."""


def worker(*queues: Queue) -> LivingWorker:
    return solver(id=f"here:{len(queues)}:1", queues=[each.value for each in queues])


def test_workers_have_to_take_jobs_of_every_queue(sqlite_backplane: Backplane) -> None:
    seen = check_workers(sqlite_backplane)
    assert level_of(OF_PARTS, seen) is OFFLINE
    sqlite_backplane.presence.tell_worker(worker(Queue.WEBHOOKS))
    assert level_of(OF_PARTS, check_workers(sqlite_backplane)) is OFFLINE
    sqlite_backplane.presence.tell_worker(worker(Queue.INTERACTIVE, Queue.STANDARD))
    seen = check_workers(sqlite_backplane)
    assert level_of(OF_PARTS, seen) is DEGRADED
    assert "bulk" in seen.error
    three = worker(Queue.BULK, Queue.STANDARD, Queue.WEBHOOKS)
    sqlite_backplane.presence.tell_worker(three)
    assert level_of(PATIENT, check_workers(sqlite_backplane)) is ONLINE


def test_beat_is_judged_by_how_late_it_is(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    assert level_of(OF_BEAT, check_beat(sqlite_backplane)) is OFFLINE
    sqlite_backplane.presence.tell_tick()
    seen = check_beat(sqlite_backplane)
    assert (seen.outcome, seen.response_ms) == (
        CheckOutcome.SUCCESS,
        pytest.approx(0, abs=900),
    )
    # As if it had ticked so long ago.
    for age_s, level in ((4, ONLINE), (8, DEGRADED)):
        redis.pexpire("solvequeue:tick", (ABSENT_AFTER_SECONDS - age_s) * 1000)
        seen = check_beat(sqlite_backplane)
        assert seen.response_ms == pytest.approx((age_s - 1) * 1000, abs=900)
        assert level_of(OF_BEAT, seen) is level


def test_the_relay_is_as_slow_as_the_slowest_process(
    sqlite_backplane: Backplane,
) -> None:
    presence = sqlite_backplane.presence
    assert level_of(OF_PARTS, check_relay(sqlite_backplane)) is OFFLINE
    presence.tell_relay("one", 3.5)
    presence.tell_relay("two", 1200.0)
    seen = check_relay(sqlite_backplane)
    assert (seen.response_ms, level_of(OF_PARTS, seen)) == (1200.0, DEGRADED)
    presence.tell_relay("two", None)
    seen = check_relay(sqlite_backplane)
    assert level_of(OF_PARTS, seen) is DEGRADED
    assert "1 of 2" in seen.error
    presence.tell_relay("one", None)
    assert level_of(OF_PARTS, check_relay(sqlite_backplane)) is OFFLINE
    presence.tell_relay("one", 2.0)
    presence.forget_relay("two")
    seen = check_relay(sqlite_backplane)
    assert (seen.response_ms, level_of(OF_PARTS, seen)) == (2.0, ONLINE)


def test_without_redis_each_says_that_nobody_knows(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    assert level_of(PATIENT, check_broker(backplane)) is ONLINE
    own_valkey.stop()
    for check in (check_broker, check_workers, check_beat, check_relay):
        seen = check(backplane)
        assert level_of(OF_PARTS, seen) is OFFLINE
        assert seen.error
