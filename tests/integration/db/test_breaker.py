"""Breakers: closed, open, half-open, in Redis and in the process alike."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from db import breaker as module
from db.breaker import Breakers, BreakerState, DatabaseWatch
from db.contracts.errors import CircuitOpenError, DatabaseUnavailableError
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from tests.conftest import Switch
from tests.waiting import wait_until

OpenBreakers = Callable[..., Breakers]
NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def open_breakers() -> Iterator[OpenBreakers]:
    opened: list[Breakers] = []

    def open_one(url: str, **settings: object) -> Breakers:
        known = {"breaker_failures": 3, "breaker_seconds": 0.3, **settings}
        opened.append(Breakers(Settings(redis_url=url, **known)))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for breakers in opened:
        breakers.close()


@pytest.fixture(params=["shared", "own"])
def url(request: pytest.FixtureRequest) -> str:
    """Return where there is a server, and where there is none."""
    if request.param == "own":
        return NOBODY
    server: EmbeddedValkey = request.getfixturevalue("valkey")
    return server.redis_url


def fail(breakers: Breakers, times: int) -> None:
    for _ in range(times):
        breakers.engine.fail()


def passes(breakers: Breakers) -> bool:
    try:
        breakers.engine.admit()
    except CircuitOpenError:
        return False
    return True


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(
    open_breakers: OpenBreakers, url: str
) -> None:
    breakers = open_breakers(url)
    fail(breakers, 2)
    assert breakers.state_of("optimization_engine").failures == 2
    breakers.engine.succeed()
    fail(breakers, 2)
    assert passes(breakers)
    fail(breakers, 1)
    with pytest.raises(CircuitOpenError) as caught:
        breakers.engine.admit()
    assert caught.value.retry_after_s is not None
    assert 0 < caught.value.retry_after_s <= 0.3
    with pytest.raises(CircuitOpenError):
        breakers.engine.join()
    found = breakers.state_of("optimization_engine")
    assert (found.state, found.failures, found.threshold) == ("open", 3, 3)
    assert found.is_shared == (url != NOBODY)
    assert found.last_failure is not None
    assert breakers.state_of("database").state is BreakerState.CLOSED


def test_after_its_time_exactly_one_passes_and_its_success_closes_it(
    open_breakers: OpenBreakers, url: str
) -> None:
    # A probe of which nothing is heard is forgotten after as long.
    breakers = open_breakers(url, breaker_seconds=3.0)
    fail(breakers, 3)
    engine = breakers.engine
    wait_until(lambda: engine.look().state is BreakerState.HALF_OPEN)
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: passes(breakers), range(40)))
    assert sum(passed) == 1
    with pytest.raises(CircuitOpenError):
        engine.join()
    engine.succeed()
    assert (engine.look().state, engine.look().failures) == ("closed", 0)
    assert passes(breakers)


def test_a_probe_that_fails_opens_it_again_for_as_long(
    open_breakers: OpenBreakers, url: str
) -> None:
    breakers = open_breakers(url)
    fail(breakers, 3)
    wait_until(lambda: passes(breakers))
    breakers.engine.fail()
    found = breakers.engine.look()
    assert found.state is BreakerState.OPEN
    assert 0.1 < found.next_try_s <= 0.3
    assert not passes(breakers)


def test_a_probe_of_which_nothing_is_heard_is_forgotten(
    open_breakers: OpenBreakers, url: str
) -> None:
    breakers = open_breakers(url)
    fail(breakers, 3)
    wait_until(lambda: passes(breakers))
    assert not passes(breakers)
    wait_until(lambda: passes(breakers))
    breakers.engine.release()
    assert passes(breakers)


def test_half_open_those_who_tell_nothing_take_no_probe(
    open_breakers: OpenBreakers, url: str
) -> None:
    breakers = open_breakers(url)
    fail(breakers, 3)
    wait_until(lambda: breakers.engine.look().state is BreakerState.HALF_OPEN)
    breakers.engine.join()
    assert passes(breakers)


def test_a_success_of_before_does_not_close_it(
    open_breakers: OpenBreakers, url: str
) -> None:
    breakers = open_breakers(url)
    fail(breakers, 3)
    breakers.engine.succeed()
    assert not passes(breakers)


def test_a_reset_closes_it_everywhere(open_breakers: OpenBreakers, url: str) -> None:
    breakers = open_breakers(url)
    fail(breakers, 3)
    assert {each.state for each in breakers.reset()} == {BreakerState.CLOSED}
    assert passes(breakers)


def test_two_processes_have_one_breaker(
    open_breakers: OpenBreakers, valkey: EmbeddedValkey
) -> None:
    one, other = (open_breakers(valkey.redis_url, breaker_seconds=60) for _ in "12")
    fail(one, 2)
    fail(other, 1)
    assert not passes(one)
    assert not passes(other)
    other.reset()
    assert passes(one)


def test_it_goes_on_by_itself_while_its_server_is_away_and_returns(
    open_breakers: OpenBreakers,
    own_valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PAUSE_AFTER_FAILURE_SECONDS", 0.05)
    breakers = open_breakers(own_valkey.redis_url, breaker_seconds=60)
    assert passes(breakers)
    own_valkey.stop()
    fail(breakers, 3)
    assert not passes(breakers)
    own_valkey.start()
    wait_until(lambda: breakers.engine.look().is_shared)
    assert passes(breakers)


def test_a_database_that_is_away_is_soon_left_alone_and_soon_asked_again(
    open_breakers: OpenBreakers, valkey: EmbeddedValkey, switch: Switch
) -> None:
    breakers = open_breakers(valkey.redis_url, database_pause_seconds=0.3)
    database = Database(Settings(database_url=switch.url))
    database.watch = DatabaseWatch(breakers.database)

    def read() -> None:
        with database.reading():
            pass

    read()
    switch.off()
    for _ in range(3):
        with pytest.raises(DatabaseUnavailableError):
            read()
    with pytest.raises(CircuitOpenError):
        read()
    switch.on()

    def is_back() -> bool:
        with suppress(CircuitOpenError):
            read()
            return True
        return False

    wait_until(is_back, seconds=2)
    assert breakers.state_of("database").state is BreakerState.CLOSED
    database.close()


def test_only_a_database_that_fails_is_watched(
    open_breakers: OpenBreakers, sqlite: Database, valkey: EmbeddedValkey
) -> None:
    breakers = open_breakers(valkey.redis_url)
    sqlite.watch = DatabaseWatch(breakers.database)
    barrier = threading.Barrier(4)

    def read(_: int) -> None:
        barrier.wait()
        for _ in range(20):
            with suppress(KeyError), sqlite.reading():
                raise KeyError

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, range(4)))
    assert breakers.state_of("database").failures == 0
