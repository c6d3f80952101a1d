"""What processes count, told by any of them."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import pytest
from redis import Redis

from db import meter as module
from db.contracts.metric import (
    HTTP_ACTIVE,
    HTTP_DURATION,
    HTTP_REQUESTS,
    JOB_RUN,
    JOBS_FINISHED,
)
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.meter import MAX_SERIES, OTHER, Meter
from tests.waiting import wait_until

ROUTE = ("GET", "/v1/jobs", "200")


@pytest.fixture
def open_meter(valkey: EmbeddedValkey) -> Iterator[Any]:
    opened: list[Meter] = []

    def open_one(url: str = valkey.redis_url) -> Meter:
        opened.append(Meter(Settings(redis_url=url, redis_timeout_seconds=1)))
        return opened[-1]

    yield open_one
    for meter in opened:
        meter.close()


def test_every_process_tells_what_all_have_counted(open_meter: Any) -> None:
    meters = [open_meter() for _ in range(4)]
    for number, meter in enumerate(meters):
        for _ in range(number + 1):
            meter.count(HTTP_REQUESTS, *ROUTE)
            meter.observe(HTTP_DURATION, 0.25, "/v1/jobs")
        assert meter.flush()
    for meter in meters:
        tally = meter.read()
        assert tally.is_shared
        assert tally.counts(HTTP_REQUESTS) == {ROUTE: 10}
        assert tally.histogram(HTTP_DURATION).count == 10
        assert tally.histogram(HTTP_DURATION).sum == pytest.approx(2.5)
        assert meter.read_recent(5).total(HTTP_REQUESTS) == 10


def test_numbers_are_sent_without_being_asked_for(open_meter: Any) -> None:
    one, other = open_meter(), open_meter()
    one.count(HTTP_REQUESTS, *ROUTE)
    wait_until(lambda: other.read().total(HTTP_REQUESTS) == 1)


def test_no_count_is_lost_between_threads(open_meter: Any) -> None:
    meter = open_meter()

    def count(_: int) -> None:
        for number in range(500):
            meter.count(JOBS_FINISHED, "solve", "auto", "succeeded")
            if number % 50 == 0:
                meter.flush()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(8)))
    assert meter.read().total(JOBS_FINISHED) == 4000


def test_while_redis_is_away_a_process_tells_its_own_and_says_so(
    open_meter: Any, own_valkey: EmbeddedValkey
) -> None:
    one, other = open_meter(own_valkey.redis_url), open_meter(own_valkey.redis_url)
    one.count(HTTP_REQUESTS, *ROUTE)
    other.count(HTTP_REQUESTS, *ROUTE)
    assert one.flush()
    assert other.flush()
    own_valkey.stop()
    one.count(HTTP_REQUESTS, *ROUTE)
    tally = one.read()
    assert not tally.is_shared
    assert tally.total(HTTP_REQUESTS) == 2
    assert one.read_recent(5).total(HTTP_REQUESTS) == 2


def test_what_was_counted_meanwhile_arrives_when_redis_is_back(
    open_meter: Any, own_valkey: EmbeddedValkey
) -> None:
    one, other = open_meter(own_valkey.redis_url), open_meter(own_valkey.redis_url)
    own_valkey.stop()
    for _ in range(3):
        one.count(HTTP_REQUESTS, *ROUTE)
        assert not one.flush()
    own_valkey.start()
    wait_until(lambda: other.read().is_shared)
    wait_until(lambda: other.read().total(HTTP_REQUESTS) == 3)


def test_a_batch_whose_receipt_was_lost_counts_once(
    open_meter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = open_meter()
    meter.count(HTTP_REQUESTS, *ROUTE)
    assert meter.flush()
    evaluate = meter._client.evalsha

    def lose_the_answer(*arguments: Any) -> None:
        evaluate(*arguments)
        raise module.redis.TimeoutError

    monkeypatch.setattr(meter._client, "evalsha", lose_the_answer)
    meter.count(HTTP_REQUESTS, *ROUTE)
    assert not meter.flush()
    monkeypatch.undo()
    meter.count(HTTP_REQUESTS, *ROUTE)
    meter._away_until = 0.0
    assert meter.read().total(HTTP_REQUESTS) == 3


def test_a_server_that_has_forgotten_begins_again(
    open_meter: Any, redis: Redis
) -> None:
    meter = open_meter()
    meter.count(HTTP_REQUESTS, *ROUTE)
    assert meter.flush()
    redis.flushall()
    redis.script_flush()
    meter.count(HTTP_REQUESTS, *ROUTE)
    assert meter.read().total(HTTP_REQUESTS) == 1


def test_labels_without_end_are_counted_together(open_meter: Any) -> None:
    meter = open_meter()
    for number in range(MAX_SERIES + 50):
        meter.count(HTTP_REQUESTS, "GET", f"/{number}", "200")
    counts = meter.read().counts(HTTP_REQUESTS)
    assert len(counts) == MAX_SERIES + 1
    assert counts[OTHER, OTHER, OTHER] == 50


@pytest.mark.parametrize(
    "call",
    [
        lambda meter: meter.count("solvequeue_unheard_of_total"),
        lambda meter: meter.count(HTTP_REQUESTS),
        lambda meter: meter.count(HTTP_DURATION, "/"),
        lambda meter: meter.observe(HTTP_REQUESTS, 1.0, *ROUTE),
        lambda meter: meter.gauge(HTTP_REQUESTS, lambda: 1.0),
    ],
)
def test_what_is_not_in_the_registry_is_not_counted(open_meter: Any, call: Any) -> None:
    with pytest.raises((KeyError, ValueError)):
        call(open_meter())


def test_gauges_are_summed_over_processes_that_live(
    open_meter: Any, redis: Redis
) -> None:
    one, other = open_meter(), open_meter()
    one.gauge(HTTP_ACTIVE, lambda: 2.0)
    other.gauge(HTTP_ACTIVE, lambda: 3.0)
    assert other.flush()
    assert one.read_gauges() == {HTTP_ACTIVE: 5.0}
    other.close()
    assert one.read_gauges() == {HTTP_ACTIVE: 2.0}
    # One that died without a word.
    redis.hset("solvequeue:meter:gauges", "dead", f'1 {{"{HTTP_ACTIVE}": 7}}')
    assert one.read_gauges() == {HTTP_ACTIVE: 2.0}
    assert redis.hlen("solvequeue:meter:gauges") == 1


def test_a_reset_is_everyones(open_meter: Any) -> None:
    one, other = open_meter(), open_meter()
    other.count(HTTP_REQUESTS, *ROUTE)
    assert other.flush()
    one.count(HTTP_REQUESTS, *ROUTE)
    one.reset()
    assert other.read().cells == {}
    assert other.read_recent(5).cells == {}
    other.count(HTTP_REQUESTS, *ROUTE)
    assert other.flush()
    assert one.read().total(HTTP_REQUESTS) == 1


def test_only_what_is_recent_is_kept_by_the_minute(open_meter: Any) -> None:
    meter = open_meter()
    meter.count(HTTP_REQUESTS, *ROUTE)
    meter.observe(JOB_RUN, 1.0, "solve", "auto")
    assert {cell[0] for cell in meter.read_recent(1).cells} == {HTTP_REQUESTS}


def _count_in_child(meter: Meter, answer: Connection) -> None:
    meter.count(JOBS_FINISHED, "solve", "auto", "succeeded")
    meter.close()
    answer.send(os.getpid())


def test_a_forked_child_sends_its_own_and_not_its_parents(open_meter: Any) -> None:
    meter = open_meter()
    # On its way, and not yet sent, when the child is made.
    meter.count(JOBS_FINISHED, "solve", "auto", "failed")
    receiving, sending = get_context("fork").Pipe()
    child = get_context("fork").Process(target=_count_in_child, args=(meter, sending))
    child.start()
    assert receiving.recv() == child.pid
    child.join()
    assert meter.read().counts(JOBS_FINISHED) == {
        ("solve", "auto", "failed"): 1,
        ("solve", "auto", "succeeded"): 1,
    }
