"""The master of the events and hints is lost, and its replica takes over."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from db.backplane import Backplane
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.event import EventType, Notification
from db.contracts.identifier import new_id
from db.embedded_valkey import EmbeddedValkey
from db.event_log import LogPage
from db.reconciler import Reconciler
from tests.conftest import OpenBackplane
from tests.sample_events import progress, start
from tests.sample_jobs import finish
from tests.servers.ports import free_port
from tests.servers.sentinels import Replicated, replicated
from tests.waiting import wait_until


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Replicated, Replicated]]:
    with replicated(tmp_path) as both:
        yield both


@pytest.fixture
def master(pair: tuple[Replicated, Replicated]) -> Replicated:
    return pair[0]


@pytest.fixture
def replica(pair: tuple[Replicated, Replicated]) -> Replicated:
    return pair[1]


@pytest.fixture
def before(
    open_backplane: OpenBackplane, sqlite_url: str, master: Replicated
) -> Backplane:
    """Return a service that works with the master."""
    return open_backplane(database_url=sqlite_url, redis_url=master.redis_url)


@pytest.fixture
def after(
    open_backplane: OpenBackplane, sqlite_url: str, replica: Replicated
) -> Backplane:
    """Return the same with the server that is to be the master."""
    return open_backplane(database_url=sqlite_url, redis_url=replica.redis_url)


def notice(message: str) -> ChannelDraft:
    told = Notification(
        id="ntf_1",
        channel="system",
        notification_type="test",
        level="info",
        message=message,
    )
    return ChannelDraft(
        channel=ChannelName.NOTIFICATIONS,
        type=EventType.NOTIFICATION_SENT,
        payload=told,
        id=new_id("evt"),
        time=time.time(),
    )


def notes(log: LogPage) -> list[int]:
    """Return what the log's events of progress say; check that the log is whole."""
    told = [json.loads(event.body) for event in log.events]
    assert [int(each["sequence"]) for each in told] == [*range(1, len(told) + 1)]
    assert {each["epoch"] for each in told} == {log.epoch}
    return [each["data"]["note"] for each in told if "note" in each["data"]]


def cut_off(replica: Replicated) -> None:
    """Have it hear no more of its master; signals would leave the rest on the way."""
    with replica.client() as connection:
        connection.replicaof("127.0.0.1", free_port())


def promote(replica: Replicated) -> None:
    with replica.client() as connection:
        connection.replicaof("NO", "ONE")


def test_numbers_that_a_failover_has_lost_are_not_given_again(
    before: Backplane, after: Backplane, master: Replicated, replica: Replicated
) -> None:
    claimed = start(before)
    before.log.append([progress(claimed, 1)])
    before.channels.publish([notice("1")])
    wait_until(lambda: after.log.read(claimed.job_id).last_sequence == 3)
    wait_until(
        lambda: after.channels.read(ChannelName.NOTIFICATIONS).last_sequence == 1
    )
    # What is told now reaches readers and not the replica.
    cut_off(replica)
    before.log.append([progress(claimed, 2), progress(claimed, 3)])
    before.channels.publish([notice("2")])
    told = before.log.read(claimed.job_id)
    channel = before.channels.read(ChannelName.NOTIFICATIONS)
    assert (told.last_sequence, channel.last_sequence) == (5, 2)
    master.kill()
    promote(replica)

    after.log.append([progress(claimed, 4), progress(claimed, 5), progress(claimed, 6)])
    after.channels.publish([notice("3"), notice("4")])
    log = after.log.read(claimed.job_id)
    assert log.epoch != told.epoch
    # What is left of it has kept its numbers.
    assert notes(log) == [1, 4, 5, 6]
    again = after.channels.read(ChannelName.NOTIFICATIONS)
    assert again.epoch != channel.epoch
    assert [event.sequence for event in again.events] == [1, 2, 3]
    latest = after.channels.latest(ChannelName.NOTIFICATIONS)
    bodies = [*(event.body for event in again.events), *latest.values()]
    assert {json.loads(body)["epoch"] for body in bodies} == {again.epoch}
    # From here on it is one life again.
    after.log.publish([finish(after.database, claimed)])
    assert after.log.read(claimed.job_id).epoch == log.epoch


def test_milestones_that_a_failover_has_lost_come_back(
    before: Backplane, after: Backplane, master: Replicated, replica: Replicated
) -> None:
    claimed = start(before)
    before.log.append([progress(claimed, 1)])
    wait_until(lambda: after.log.read(claimed.job_id).last_sequence == 3)
    cut_off(replica)
    before.log.publish([finish(before.database, claimed)])
    assert before.log.read(claimed.job_id).ended
    master.kill()
    promote(replica)
    Reconciler(after).reconcile_all()
    log = after.log.read(claimed.job_id)
    assert log.ended
    assert notes(log) == [1]
    assert [event.type for event in log.events][-1] is EventType.JOB_SUCCEEDED


@pytest.mark.parametrize("has_all", [True, False], ids=["append-only", "snapshot"])
def test_a_restarted_server_goes_on_only_where_it_has_forgotten_nothing(
    open_backplane: OpenBackplane, sqlite_url: str, tmp_path: Path, *, has_all: bool
) -> None:
    with EmbeddedValkey(tmp_path / "valkey", append_only=has_all) as server:
        backplane = open_backplane(database_url=sqlite_url, redis_url=server.redis_url)
        claimed = start(backplane)
        with redis.Redis.from_url(server.redis_url) as connection:
            connection.save()
        backplane.log.append([progress(claimed, 1)])
        told = backplane.log.read(claimed.job_id)
        server.stop()
        server.start()
        backplane.log.append([progress(claimed, 2)])
        log = backplane.log.read(claimed.job_id)
    assert notes(log) == ([1, 2] if has_all else [2])
    assert (log.epoch == told.epoch) is has_all
