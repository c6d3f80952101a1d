"""A lease is kept as long as it is renewed, and given up before others may take it."""

import os
import threading
import time
from collections.abc import Callable

import pytest

from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import StreamUnavailableError
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.repositories import attempts, jobs
from db.stream import Stream
from tests.conftest import OpenBackplane, Switch
from tests.sample_jobs import CHECKPOINT, claim_new, end_lease, row, set_row
from tests.waiting import wait_until
from worker import lease as module
from worker.lease import Lease

SHORT = {"heartbeat_seconds": 0.02, "self_fence_seconds": 20.0, "lease_seconds": 30.0}


@pytest.fixture(autouse=True)
def _listen_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTEN_SECONDS", 0.005)


@pytest.fixture
def short(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> Backplane:
    return open_backplane(database_url=sqlite_url, redis_url=valkey.redis_url, **SHORT)


def leased(backplane: Backplane) -> tuple[Lease, str]:
    claimed = claim_new(backplane.database)
    return Lease(backplane, claimed, asked_at=time.monotonic()), claimed.job_id


def checkpoint_of(database: Database, job_id: str) -> Checkpoint | None:
    text = row(database, job_id).checkpoint
    return None if text is None else Checkpoint.parse(text)


def test_a_lease_is_renewed_while_its_attempt_runs(short: Backplane) -> None:
    lease, job_id = leased(short)
    end_lease(short.database, job_id)
    ended = row(short.database, job_id).lease_until
    with lease:
        wait_until(lambda: row(short.database, job_id).lease_until > ended)
        assert not lease.is_lost


def test_a_checkpoint_is_written_with_the_next_renewal(short: Backplane) -> None:
    lease, job_id = leased(short)
    with lease:
        lease.offer_checkpoint(CHECKPOINT)
        wait_until(lambda: checkpoint_of(short.database, job_id) == CHECKPOINT)
        wait_until(lambda: lease._checkpoint is None)
        better = CHECKPOINT.model_copy(update={"objective": 3})
        lease.offer_checkpoint(better)
        wait_until(lambda: checkpoint_of(short.database, job_id) == better)


def test_a_checkpoint_can_be_written_at_once(sqlite_backplane: Backplane) -> None:
    lease, job_id = leased(sqlite_backplane)
    with lease:
        assert lease.write_checkpoint()
        lease.offer_checkpoint(CHECKPOINT)
        assert lease.write_checkpoint()
        # The renewal is seconds away: it was not that.
        assert checkpoint_of(sqlite_backplane.database, job_id) == CHECKPOINT


def test_a_lost_lease_writes_no_checkpoint(sqlite_backplane: Backplane) -> None:
    lease, job_id = leased(sqlite_backplane)
    with lease:
        set_row(sqlite_backplane.database, job_id, attempt=2)
        lease.offer_checkpoint(CHECKPOINT)
        assert not lease.write_checkpoint()
        assert not lease.write_checkpoint()
    assert checkpoint_of(sqlite_backplane.database, job_id) is None


def test_what_was_not_written_can_be_taken(short: Backplane) -> None:
    lease, _ = leased(short)
    assert lease.take_checkpoint() is None
    lease.offer_checkpoint(CHECKPOINT)
    taken = lease.take_checkpoint()
    assert taken is not None
    assert Checkpoint.parse(taken) == CHECKPOINT
    assert lease.take_checkpoint() is None


def test_a_lease_that_another_attempt_has_is_lost(short: Backplane) -> None:
    lease, job_id = leased(short)
    with lease:
        set_row(short.database, job_id, attempt=2)
        wait_until(lambda: lease.is_lost)


def test_a_lease_of_an_ended_job_is_lost(short: Backplane) -> None:
    lease, job_id = leased(short)
    with lease:
        set_row(short.database, job_id, state="failed")
        wait_until(lambda: lease.is_lost)


def test_the_wish_to_cancel_is_read_from_the_row(short: Backplane) -> None:
    lease, job_id = leased(short)
    with lease:
        with short.database.transaction() as connection:
            jobs.request_cancel(connection, job_id)
        wait_until(lambda: lease.is_cancel_requested)


def test_the_wish_to_cancel_is_heard_between_renewals(
    sqlite_backplane: Backplane,
) -> None:
    lease, job_id = leased(sqlite_backplane)
    with lease:
        assert not lease.is_cancel_requested
        sqlite_backplane.stream.request_cancel(job_id)
        wait_until(lambda: lease.is_cancel_requested)
    # The renewal is seconds away: it was Redis that told.
    assert row(sqlite_backplane.database, job_id).cancel_requested_at is None


def test_a_wish_once_heard_is_not_forgotten(short: Backplane) -> None:
    lease, job_id = leased(short)
    with lease:
        short.stream.request_cancel(job_id)
        wait_until(lambda: lease.is_cancel_requested)
        end_lease(short.database, job_id)
        ended = row(short.database, job_id).lease_until
        wait_until(lambda: row(short.database, job_id).lease_until > ended)
        assert lease.is_cancel_requested


def test_a_wish_from_before_the_claim_is_known_at_once(
    sqlite_backplane: Backplane,
) -> None:
    database = sqlite_backplane.database
    job_id = claim_new(database).job_id
    with database.transaction() as connection:
        jobs.request_cancel(connection, job_id)
        attempts.give_back(connection, job_id, attempt=1, reason="worker goes")
        again = attempts.claim(connection, job_id, owner="o:1:1", lease_seconds=15.0)
    assert again is not None
    lease = Lease(sqlite_backplane, again, asked_at=time.monotonic())
    assert lease.is_cancel_requested


def test_without_redis_the_lease_is_kept(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(
        database_url=sqlite_url, redis_url=own_valkey.redis_url, **SHORT
    )
    lease, job_id = leased(backplane)
    own_valkey.stop()
    with lease:
        end_lease(backplane.database, job_id)
        ended = row(backplane.database, job_id).lease_until
        wait_until(lambda: row(backplane.database, job_id).lease_until > ended)
        with backplane.database.transaction() as connection:
            jobs.request_cancel(connection, job_id)
        wait_until(lambda: lease.is_cancel_requested)


def test_a_redis_that_says_nothing_is_not_asked_again_at_once(
    short: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def say_nothing(_: Stream, job_id: str) -> bool:
        asked.append(job_id)
        raise StreamUnavailableError

    monkeypatch.setattr(Stream, "is_cancel_requested", say_nothing)
    # What other tests have heard is not this one's, nor the other way round.
    monkeypatch.setattr(module._keeper(os.getpid()), "_deaf_until", 0.0)
    monkeypatch.setattr(module.Lease, "_is_due", lambda _: len(asked) > 0)
    lease, job_id = leased(short)
    with lease:
        for _ in range(3):
            end_lease(short.database, job_id)
            ended = row(short.database, job_id).lease_until
            wait_until(lambda: row(short.database, job_id).lease_until > ended)  # noqa: B023
    assert asked == [job_id]


def test_a_lease_that_cannot_be_renewed_is_given_up_in_time(
    open_backplane: OpenBackplane, switch: Switch, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(
        database_url=switch.url,
        redis_url=valkey.redis_url,
        heartbeat_seconds=0.02,
        self_fence_seconds=0.5,
        lease_seconds=60.0,
    )
    lease, job_id = leased(backplane)
    with lease:
        switch.off()
        wait_until(lambda: lease.is_lost)
        switch.on()
        # Nobody has taken it, so that it may come back.
        wait_until(lambda: not lease.is_lost)
    assert row(backplane.database, job_id).attempt == 1


def test_the_time_that_a_claim_took_is_not_leased(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=valkey.redis_url)
    claimed = claim_new(backplane.database)
    long_ago = time.monotonic() - Settings().self_fence_seconds - 1.0
    assert Lease(backplane, claimed, asked_at=long_ago).is_lost


def test_a_lease_is_kept_no_more_once_its_attempt_has_failed(
    short: Backplane,
) -> None:
    def fail_within(lease: Lease) -> None:
        with lease:
            raise ZeroDivisionError

    lease, job_id = leased(short)
    work: Callable[[Lease], None] = fail_within
    with pytest.raises(ZeroDivisionError):
        work(lease)
    end_lease(short.database, job_id)
    ended = row(short.database, job_id).lease_until
    lease.keep()
    assert row(short.database, job_id).lease_until == ended


def test_one_thread_keeps_the_leases_of_many_jobs(short: Backplane) -> None:
    first, first_id = leased(short)
    second, second_id = leased(short)
    with first, second:
        for job_id in (first_id, second_id):
            end_lease(short.database, job_id)
            ended = row(short.database, job_id).lease_until
            wait_until(lambda: row(short.database, job_id).lease_until > ended)  # noqa: B023
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("leases") == 1


def test_leases_are_kept_on_after_a_moment_without_memory(
    short: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    def refuse(*_: object, **__: object) -> None:
        if not refused:
            refused.append(True)
            raise MemoryError

    def raise_it(_: Lease) -> None:
        raise MemoryError

    # There is no room for a word in the log either.
    monkeypatch.setattr(module.logger, "exception", refuse)
    monkeypatch.setattr(module.Lease, "listen", raise_it)
    monkeypatch.setattr(module._keeper(os.getpid()), "_deaf_until", 0.0)
    lease, job_id = leased(short)
    with lease:
        wait_until(lambda: bool(refused))
        end_lease(short.database, job_id)
        ended = row(short.database, job_id).lease_until
        wait_until(lambda: row(short.database, job_id).lease_until > ended)
