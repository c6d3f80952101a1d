"""Sockets of all processes, as each of them sees them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from redis import Redis

from api.live.attendance import Attendance
from api.state import ApiState
from db.contracts.event import EventType, Published
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey


@pytest.fixture
def state(valkey: EmbeddedValkey, sqlite_url: str) -> Iterator[ApiState]:
    opened = ApiState(Settings(redis_url=valkey.redis_url, database_url=sqlite_url))
    yield opened
    opened.close()


def ignore(_: Published) -> None:
    """Be nobody."""


def test_one_process_sees_the_sockets_of_all(state: ApiState) -> None:
    here, elsewhere = Attendance(state), Attendance(state)
    with (
        here.present("/ws", ignore) as first,
        elsewhere.present("/ws/live", ignore) as second,
    ):
        elsewhere.tell()
        seen = here.look()
        assert [each.client_id for each in seen.visitors] == [
            first.client_id,
            second.client_id,
        ]
        assert (seen.at("/ws"), seen.at("/ws/live")) == (1, 1)
        assert seen.is_whole
        before = second.last_ping
        elsewhere.has_shown(second)
        elsewhere.tell()
        assert here.look().visitors[1].last_ping > before
    elsewhere.tell()
    assert here.look().visitors == []


def test_what_redis_forgot_is_told_again(state: ApiState, redis: Redis) -> None:
    attendance = Attendance(state)
    with ExitStack() as stack:
        there = [
            stack.enter_context(attendance.present("/ws", ignore)) for _ in range(3)
        ]
        assert len(attendance.look().visitors) == 3
        redis.flushall()
        attendance.has_shown(there[0])
        assert len(attendance.look().visitors) == 3


def test_a_process_that_died_is_forgotten(state: ApiState, redis: Redis) -> None:
    attendance = Attendance(state)
    with attendance.present("/ws", ignore):
        attendance.tell()
        (process,) = redis.smembers("solvequeue:sockets")
        key = f"solvequeue:sockets:{process}"
        assert 0 < redis.ttl(key) <= 16
        redis.delete(key)
        assert Attendance(state).look().visitors == []
        assert redis.smembers("solvequeue:sockets") == set()


def test_who_leaves_in_time_leaves_nothing_behind(
    state: ApiState, redis: Redis
) -> None:
    attendance = Attendance(state)
    with attendance.present("/ws", ignore):
        attendance.tell()
        attendance.close()
        assert not list(redis.scan_iter("*sockets:*"))


def test_while_redis_is_away_a_process_sees_its_own(
    own_valkey: EmbeddedValkey, sqlite_url: str
) -> None:
    url = own_valkey.redis_url
    state = ApiState(Settings(redis_url=url, database_url=sqlite_url))
    attendance = Attendance(state)
    with attendance.present("/ws/live", ignore) as visitor:
        own_valkey.stop()
        seen = attendance.look()
        assert (seen.visitors, seen.is_whole) == ([visitor], False)
        own_valkey.start()
        assert attendance.look().is_whole
        assert attendance.look().at("/ws/live") == 1
    state.close()


def test_a_process_tells_its_own(state: ApiState) -> None:
    attendance, heard = Attendance(state), list[Published]()
    event = Published("channel:system", 0, "", EventType.SYSTEM_UPDATED, "{}")
    with attendance.present("/ws", heard.append):
        with attendance.present("/ws/live", heard.append):
            attendance.tell_own(event)
        attendance.tell_own(event)
    attendance.tell_own(event)
    assert heard == [event] * 3
