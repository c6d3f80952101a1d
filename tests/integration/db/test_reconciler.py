"""Whatever a fault leaves behind is put right, once, by any process."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from redis import Redis

from db import owner
from db.backplane import Backplane
from db.contracts.errors import (
    DatabaseUnavailableError,
    UnavailableError,
)
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler, ReconcilerThread
from db.repositories import attempts, deliveries
from tests.conftest import OpenBackplane, Switch
from tests.sample_jobs import (
    claim,
    claim_new,
    end_lease,
    finish,
    make_due,
    pending,
    row,
    submit,
    types,
    wait_long,
)
from tests.sample_webhooks import own_endpoint, set_delivery
from tests.waiting import wait_until


@pytest.fixture
def reconciler(backplane: Backplane) -> Reconciler:
    return Reconciler(backplane)


@pytest.fixture
def a_dead_process() -> str:
    """Return the owner that a process was, which has ended."""
    name = "from db import owner; print(owner.this_process('here'))"
    shown = subprocess.run([sys.executable, "-c", name], capture_output=True, text=True)
    return shown.stdout.strip()


def messages(redis: Redis, queue: str = "interactive") -> int:
    return int(redis.llen(queue))


def log_of(backplane: Backplane, job_id: str) -> list[str]:
    return [event.type.value for event in backplane.log.read(job_id).events]


def owe(backplane: Backplane, job_id: str) -> None:
    own_endpoint(backplane.database, job_id)


def test_a_job_whose_lease_ran_out_is_queued_and_sent(
    backplane: Backplane, reconciler: Reconciler
) -> None:
    claimed = claim_new(backplane.database)
    end_lease(backplane.database, claimed.job_id)
    reconciler._reconcile()
    assert row(backplane.database, claimed.job_id).state == JobState.QUEUED
    assert pending(backplane) == {claimed.job_id}
    assert log_of(backplane, claimed.job_id) == [
        "job.queued",
        "job.started",
        "job.attempt_lost",
    ]


def test_a_job_of_a_dead_process_is_queued_at_once(
    backplane: Backplane, reconciler: Reconciler, a_dead_process: str
) -> None:
    claimed = claim_new(backplane.database, owner=a_dead_process)
    reconciler._reconcile()
    assert row(backplane.database, claimed.job_id).state == JobState.QUEUED
    assert "worker died" in backplane.log.read(claimed.job_id).events[-1].body


AT_HOME = owner.place("here")


@pytest.mark.parametrize(
    "who", [f"{AT_HOME}:1:0", "here:1:0", "elsewhere:1:0", "odd", ""]
)
def test_only_a_process_of_this_host_is_known_to_be_dead(
    sqlite_backplane: Backplane, who: str
) -> None:
    claimed = claim_new(sqlite_backplane.database, owner=who)
    Reconciler(sqlite_backplane)._reconcile()
    state = row(sqlite_backplane.database, claimed.job_id).state
    # Process 1 of this host lives, but it began at another time.
    expected = JobState.QUEUED if who == f"{AT_HOME}:1:0" else JobState.RUNNING
    assert state == expected


def test_a_living_owner_is_left_alone(
    backplane: Backplane, reconciler: Reconciler
) -> None:
    claimed = claim_new(backplane.database, owner=owner.this_process("here"))
    reconciler._reconcile()
    reconciler.audit()
    assert row(backplane.database, claimed.job_id).state == JobState.RUNNING
    assert pending(backplane) == set()


def test_a_job_that_is_lost_too_often_ends_and_tells_it(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(
        database_url=sqlite_url, redis_url=valkey.redis_url, max_losses=1
    )
    claimed = claim_new(backplane.database)
    owe(backplane, claimed.job_id)
    end_lease(backplane.database, claimed.job_id)
    Reconciler(backplane)._reconcile()
    assert row(backplane.database, claimed.job_id).state == JobState.FAILED
    assert log_of(backplane, claimed.job_id)[-1] == "job.failed"
    with backplane.database.reading() as connection:
        (owed,) = deliveries.deliveries_of(connection, claimed.job_id)
    assert pending(backplane) == {owed.id}


def test_a_queued_job_without_a_message_is_sent_again(
    backplane: Backplane, reconciler: Reconciler, redis: Redis
) -> None:
    job_id = submit(backplane.database)
    wait_long(backplane.database, job_id)
    reconciler.audit()
    assert pending(backplane) == {job_id}
    assert log_of(backplane, job_id) == ["job.queued"]


def test_a_job_that_was_just_accepted_is_left_to_whoever_accepted_it(
    backplane: Backplane, reconciler: Reconciler
) -> None:
    reconciler._reconcile()
    submit(backplane.database)
    reconciler.audit()
    assert pending(backplane) == set()


def test_a_queued_job_with_a_message_is_not_sent_again(
    backplane: Backplane, reconciler: Reconciler, redis: Redis
) -> None:
    job_id = submit(backplane.database)
    wait_long(backplane.database, job_id)
    backplane.broker.send("worker.solve", job_id, "interactive")
    reconciler.audit()
    reconciler.audit()
    assert messages(redis) == 1


def test_a_job_that_must_wait_is_not_sent(
    backplane: Backplane, reconciler: Reconciler, redis: Redis
) -> None:
    claimed = claim_new(backplane.database)
    with backplane.database.transaction() as connection:
        attempts.give_back(
            connection,
            claimed.job_id,
            attempt=1,
            reason="?",
            delay_seconds=3600.0,
            failed=True,
        )
    reconciler.audit()
    assert pending(backplane) == set()


def test_after_a_flush_every_job_is_sent_and_every_log_is_whole(
    backplane: Backplane, reconciler: Reconciler, redis: Redis
) -> None:
    waiting = [submit(backplane.database) for _ in range(3)]
    for job_id in waiting:
        wait_long(backplane.database, job_id)
    running = claim_new(backplane.database)
    reconciler._reconcile()
    reconciler.audit()
    redis.flushall()
    reconciler.audit()
    assert pending(backplane) == set(waiting)
    standing = backplane.stream.positions([*waiting, running.job_id])
    assert [position.milestones for position in standing] == [1, 1, 1, 2]


def test_a_new_server_is_audited_at_once(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    reconciler = Reconciler(backplane)
    reconciler._reconcile()
    job_id = submit(backplane.database)
    reconciler._reconcile()
    assert pending(backplane) == set()
    own_valkey.stop()
    own_valkey.start()
    reconciler._reconcile()
    assert pending(backplane) == {job_id}


def test_a_job_whose_deadline_came_first_expires(
    backplane: Backplane, reconciler: Reconciler
) -> None:
    job_id = submit(backplane.database, deadline_s=60.0)
    owe(backplane, job_id)
    make_due(backplane.database, job_id)
    reconciler._reconcile()
    assert row(backplane.database, job_id).state == JobState.EXPIRED
    assert log_of(backplane, job_id) == ["job.queued", "job.expired"]
    with backplane.database.reading() as connection:
        (owed,) = deliveries.deliveries_of(connection, job_id)
    assert pending(backplane) == {owed.id}


def test_the_log_of_an_ended_job_is_archived(
    backplane: Backplane, reconciler: Reconciler, redis: Redis
) -> None:
    claimed = claim_new(backplane.database)
    finish(backplane.database, claimed)
    # No one has published: the milestones are brought first.
    reconciler._reconcile()
    assert row(backplane.database, claimed.job_id).archived
    before = backplane.log.read(claimed.job_id)
    redis.flushall()
    assert backplane.log.read(claimed.job_id) == before
    assert before.ended


def test_a_due_delivery_is_hinted_once(
    backplane: Backplane, reconciler: Reconciler, redis: Redis
) -> None:
    claimed = claim_new(backplane.database)
    owe(backplane, claimed.job_id)
    (owed,) = finish(backplane.database, claimed).delivery_ids
    set_delivery(backplane.database, owed, hinted_until=0.0)
    reconciler._reconcile()
    reconciler._reconcile()
    assert messages(redis, "webhooks") == 1
    assert pending(backplane) == {owed}


def test_the_processes_of_a_host_take_turns(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    def seen_by(host: str) -> bool:
        backplane = open_backplane(
            database_url=sqlite_url,
            redis_url=valkey.redis_url,
            host=host,
            reconcile_seconds=60.0,
        )
        claimed = claim_new(backplane.database)
        end_lease(backplane.database, claimed.job_id)
        Reconciler(backplane).reconcile()
        return row(backplane.database, claimed.job_id).state == JobState.QUEUED

    assert seen_by("here")
    assert not seen_by("here")
    # Only a host itself can see that its processes are dead.
    assert seen_by("there")


def test_two_reconcilers_do_everything_once(backplane: Backplane, redis: Redis) -> None:
    lost, overdue = claim_new(backplane.database), submit(backplane.database)
    end_lease(backplane.database, lost.job_id)
    make_due(backplane.database, overdue)
    for reconciler in (Reconciler(backplane), Reconciler(backplane)):
        reconciler._reconcile()
    assert messages(redis) == 1
    assert types(backplane.database, lost.job_id) == [
        "job.queued",
        "job.started",
        "job.attempt_lost",
    ]
    assert types(backplane.database, overdue) == ["job.queued", "job.expired"]


def test_what_hangs_on_redis_does_not_stop_what_hangs_on_rows(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    lost = [claim_new(backplane.database) for _ in range(2)]
    overdue = [submit(backplane.database, deadline_s=60.0) for _ in range(2)]
    for claimed in lost:
        end_lease(backplane.database, claimed.job_id)
    for job_id in overdue:
        make_due(backplane.database, job_id)
    own_valkey.stop()
    reconciler = Reconciler(backplane)
    with pytest.raises(UnavailableError):
        reconciler._reconcile()
    with pytest.raises(UnavailableError):
        reconciler.audit()
    for claimed in lost:
        assert row(backplane.database, claimed.job_id).state == JobState.QUEUED
    for job_id in overdue:
        assert row(backplane.database, job_id).state == JobState.EXPIRED
    own_valkey.start()
    # The broker is left in peace for a second after it refused.
    wait_until(lambda: _all_sent(reconciler, backplane, {c.job_id for c in lost}))
    for job_id in overdue:
        assert log_of(backplane, job_id)[-1] == "job.expired"


def _all_sent(reconciler: Reconciler, backplane: Backplane, ids: set[str]) -> bool:
    reconciler._reconcile()
    reconciler.audit()
    return pending(backplane) == ids


def test_without_the_database_a_pass_says_so(
    open_backplane: OpenBackplane, switch: Switch, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=switch.url, redis_url=valkey.redis_url)
    reconciler = Reconciler(backplane)
    switch.off()
    with pytest.raises(DatabaseUnavailableError):
        reconciler._reconcile()
    with pytest.raises(DatabaseUnavailableError):
        reconciler.audit()
    switch.on()
    reconciler._reconcile()


@pytest.fixture
def thread(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> Iterator[ReconcilerThread]:
    running = ReconcilerThread(
        lambda: Backplane.open(
            open_backplane(
                database_url=sqlite_url,
                redis_url=own_valkey.redis_url,
                reconcile_seconds=0.01,
                audit_seconds=0.05,
            ).settings
        )
    )
    running.start()
    yield running
    running.stop()


def test_the_thread_outlives_every_fault(
    thread: ReconcilerThread,
    open_backplane: OpenBackplane,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
    caplog: pytest.LogCaptureFixture,
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    first = claim_new(backplane.database)
    end_lease(backplane.database, first.job_id)
    wait_until(lambda: pending(backplane) == {first.job_id})
    own_valkey.stop()
    wait_until(lambda: "cannot reconcile now" in caplog.text)
    own_valkey.start()
    second = claim_new(backplane.database)
    end_lease(backplane.database, second.job_id)
    wait_until(lambda: second.job_id in pending(backplane))
    wait_until(lambda: first.job_id in pending(backplane))
    assert "reconciler pass failed" not in caplog.text
    assert thread._thread.is_alive()


def test_a_fault_of_the_program_does_not_end_the_thread(
    open_backplane: OpenBackplane,
    sqlite_url: str,
    valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    backplane = open_backplane(
        database_url=sqlite_url, redis_url=valkey.redis_url, reconcile_seconds=0.01
    )
    claimed = claim(backplane.database, submit(backplane.database))
    end_lease(backplane.database, claimed.job_id)
    with monkeypatch.context() as patch:
        patch.setattr(Reconciler, "_rescue_lost_attempts", lambda _: 1 / 0)
        thread = ReconcilerThread(lambda: Backplane.open(backplane.settings))
        thread.start()
        wait_until(lambda: "reconciler pass failed" in caplog.text)
    wait_until(lambda: pending(backplane) == {claimed.job_id})
    thread.stop()
