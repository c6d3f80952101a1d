"""Buckets: the same arithmetic in Redis and in the process, and never a long wait."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from db import limiter as module
from db.contracts.rate_limits import MICROSECONDS, Rate, RateLimits
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.limiter import Draw, KnownBuckets, Limiter
from tests.waiting import wait_until

T = TypeVar("T")
SLOW = Rate(3, 0.01)


def using(url: str, do: Callable[[Limiter], Awaitable[T]]) -> T:
    async def run() -> T:
        limiter = Limiter(Settings(redis_url=url))
        try:
            return await do(limiter)
        finally:
            await limiter.close()

    return asyncio.run(run())


def test_a_bucket_gives_what_it_holds_and_says_when_there_is_more(
    valkey: EmbeddedValkey,
) -> None:
    async def draw(limiter: Limiter) -> list[Draw]:
        return [await limiter.take("a", SLOW) for _ in range(4)]

    draws = using(valkey.redis_url, draw)
    assert [each.is_granted for each in draws] == [True, True, True, False]
    assert [each.remaining for each in draws] == [2, 1, 0, 0]
    for each in draws:
        assert 95 < each.next_s <= 100
    assert [round(each.full_s, -1) for each in draws] == [100, 200, 300, 300]


def test_waiting_as_long_as_told_lets_the_next_one_through(
    valkey: EmbeddedValkey,
) -> None:
    async def draw(limiter: Limiter) -> None:
        rate = Rate(2, 20.0)
        for _ in range(10):
            while (told := await limiter.take("a", rate)).is_granted:
                pass
            asked_at = time.monotonic()
            while not (await limiter.take("a", rate)).is_granted:
                pass
            # Not before, and no later than a call takes.
            waited = time.monotonic() - asked_at
            assert told.next_s - 0.01 < waited < told.next_s + 0.05

    using(valkey.redis_url, draw)


def test_two_processes_share_a_bucket_and_two_callers_do_not(
    valkey: EmbeddedValkey,
) -> None:
    async def draw(limiter: Limiter) -> list[bool]:
        return [(await limiter.take("a", SLOW)).is_granted for _ in range(2)]

    assert using(valkey.redis_url, draw) == [True, True]
    assert using(valkey.redis_url, draw) == [True, False]

    async def another(limiter: Limiter) -> bool:
        return (await limiter.take("b", SLOW)).is_granted

    assert using(valkey.redis_url, another)


def test_what_is_asked_at_once_goes_together_and_comes_out_exact(
    valkey: EmbeddedValkey, redis: Redis
) -> None:
    async def draw(limiter: Limiter) -> list[Draw]:
        await limiter.take("warm", SLOW)
        calls = [limiter.take("a", Rate(700, 0.01)) for _ in range(1000)]
        return await asyncio.gather(*calls)

    before = redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]
    draws = using(valkey.redis_url, draw)
    assert sum(each.is_granted for each in draws) == 700
    assert sorted(each.remaining for each in draws if each.is_granted) == list(
        range(700)
    )
    calls = redis.info("commandstats")["cmdstat_evalsha"]["calls"] - before
    assert calls <= 1000 / module.BATCH + 4


def test_a_bucket_leaves_nothing_behind_once_it_is_full(
    valkey: EmbeddedValkey, redis: Redis
) -> None:
    async def draw(limiter: Limiter) -> None:
        await limiter.take("a", Rate(5, 1.0))

    using(valkey.redis_url, draw)
    (key,) = redis.keys("solvequeue:bucket:*")
    assert 0 < redis.pttl(key) <= 1001


def test_looking_takes_nothing(valkey: EmbeddedValkey, redis: Redis) -> None:
    async def look(limiter: Limiter) -> list[Draw]:
        taken = await limiter.take("a", SLOW)
        return [
            taken,
            await limiter.take("a", SLOW, cost=0),
            limiter.glance("a", SLOW),
            limiter.glance("unknown", SLOW),
        ]

    draws = using(valkey.redis_url, look)
    assert [each.remaining for each in draws] == [2, 2, 2, 3]
    assert draws[3].full_s == draws[3].next_s == 0
    assert len(redis.keys("solvequeue:bucket:*")) == 1


def test_a_lowered_capacity_holds_at_once(valkey: EmbeddedValkey) -> None:
    async def draw(limiter: Limiter) -> None:
        for _ in range(50):
            await limiter.take("a", Rate(100, 1.0))
        now = await limiter.take("a", Rate(10, 1.0))
        assert (now.is_granted, now.remaining) == (False, 0)
        assert now.full_s <= 10
        assert now.next_s <= 1

    using(valkey.redis_url, draw)


def test_without_redis_each_process_guards_by_itself_and_returns(
    own_valkey: EmbeddedValkey,
) -> None:
    async def draw(limiter: Limiter) -> None:
        assert (await limiter.take("a", SLOW)).remaining == 2
        assert limiter.is_shared
        await asyncio.to_thread(own_valkey.stop)
        started = time.monotonic()
        # It goes on from where Redis was.
        draws = [await limiter.take("a", SLOW) for _ in range(3)]
        assert [each.is_granted for each in draws] == [True, True, False]
        assert time.monotonic() - started < 2 * module.ANSWER_SECONDS
        assert not limiter.is_shared
        await asyncio.to_thread(own_valkey.start)
        await asyncio.to_thread(wait_until, lambda: limiter.is_shared)
        # It forgot; no key was kept on disk.
        assert (await limiter.take("a", SLOW)).is_granted

    using(own_valkey.redis_url, draw)


def test_a_hung_server_holds_nobody_up_for_long(own_valkey: EmbeddedValkey) -> None:
    async def draw(limiter: Limiter) -> list[float]:
        await limiter.take("a", SLOW)
        assert own_valkey._process is not None
        own_valkey._process.send_signal(signal.SIGSTOP)
        waits = []
        try:
            end = time.monotonic() + 3 * module.PAUSE_AFTER_FAILURE_SECONDS
            while time.monotonic() < end:
                started = time.monotonic()
                await limiter.take("b", Rate(1000, 1.0))
                waits.append(time.monotonic() - started)
                await asyncio.sleep(0)
        finally:
            own_valkey._process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(wait_until, lambda: limiter.is_shared)
        return sorted(waits)

    waits = using(own_valkey.redis_url, draw)
    # Only the first one waited: who asks later does not ask a server that is silent.
    assert waits[-2] < module.ANSWER_SECONDS


def test_no_one_is_left_waiting_when_the_line_ends(own_valkey: EmbeddedValkey) -> None:
    async def draw(limiter: Limiter) -> None:
        asking = asyncio.ensure_future(limiter.take("a", SLOW))
        await asyncio.sleep(0)
        await limiter.close()
        assert (await asyncio.wait_for(asking, 5)).is_granted

    using(own_valkey.redis_url, draw)


def test_a_process_remembers_so_many_buckets_and_no_more() -> None:
    known = KnownBuckets(max_known=100)
    for number in range(1000):
        known.take(str(number), SLOW)
    assert len(known) == 100
    assert known.take("999", SLOW).remaining == 1
    assert known.take("0", SLOW).remaining == 2


RATES = st.builds(
    Rate,
    st.integers(1, 50),
    st.floats(0.5, 500.0, allow_nan=False, allow_infinity=False),
)


@given(
    rate=RATES,
    steps=st.lists(
        st.tuples(st.integers(0, 3_000_000), st.integers(0, 3)), max_size=40
    ),
)
def test_it_is_a_token_bucket(rate: Rate, steps: list[tuple[int, int]]) -> None:
    """Compare with a bucket that is written down as one: tokens, and when they came."""
    with pytest.MonkeyPatch.context() as patch:
        clock = [10**12]
        patch.setattr(module, "_clock_us", lambda: clock[0])
        known = KnownBuckets()
        interval = rate.interval_us
        credit, most = rate.capacity * interval, rate.capacity * interval
        for pause, cost in steps:
            clock[0] += pause
            credit = min(most, credit + pause)
            draw = known.take("a", rate, cost)
            assert draw.is_granted == (credit >= cost * interval)
            if draw.is_granted:
                credit -= cost * interval
            assert draw.remaining == credit // interval
            to_next = 0 if credit == most else interval - credit % interval
            assert round(draw.next_s * MICROSECONDS) == to_next
            assert round(draw.full_s * MICROSECONDS) == most - credit


def test_the_script_agrees_with_the_process(valkey: EmbeddedValkey) -> None:
    """Both see the same moments, up to the time that a call takes."""

    async def compare(limiter: Limiter) -> None:
        own = KnownBuckets()
        for rate in (Rate(5, 30.0), Rate(1, 3.0), Rate(40, 400.0)):
            for cost in (1, 1, 0, 2, 1, 3, 1, 1):
                one = await limiter.take(f"a{rate}", rate, cost)
                other = own.take(f"a{rate}", rate, cost)
                slack = 0.05
                assert abs(one.full_s - other.full_s) < slack + cost / rate.refill_per_s

    using(valkey.redis_url, compare)


def test_the_setting_is_read_and_written() -> None:
    limits = RateLimits.parse(" solve=100/1, submit = 600/10 ,")
    assert limits.by_family == {"solve": Rate(100, 1.0), "submit": Rate(600, 10.0)}
    assert RateLimits.parse(str(limits)) == limits
    assert not RateLimits.parse("OFF").is_on
    assert RateLimits.parse(str(RateLimits.parse("off"))) == RateLimits.parse("off")
    assert Rate(100, 1.0).window_s == 100


@pytest.mark.parametrize(
    "text",
    ["solve", "solve=", "solve=1", "solve=0/1", "solve=1/0", "solve=1/nan", "=x/1"],
)
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        RateLimits.parse(text)
